package aviary.cli;

import aviary.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Names that tell files from others: what they are called, and a checksum of what is in them. */
final class ContentName {

  /** The digits that are kept of a checksum: two files do not have as many alike by chance. */
  private static final int DIGITS = 12;

  private ContentName() {}

  /** The name of a model, whose files may be larger than memory. */
  static String ofModel(List<Path> files) throws IOException {
    MessageDigest digest = sha256();
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      for (Path file : files) {
        Files.copy(file, out);
      }
    }
    return of(files.subList(0, 1), digest.digest());
  }

  /** The name of files that have a checksum. */
  static String of(List<Path> files, byte[] digest) {
    String names =
        files.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", "));
    return "%s (sha-256 %s)"
        .formatted(names, HexFormat.of().formatHex(digest).substring(0, DIGITS));
  }

  /** What the checksum of files is made with. */
  static MessageDigest sha256() {
    return Sha256.digest();
  }
}
