package aviary.evaluation.data;

import aviary.InputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens files of text. */
final class TextFiles {
  private TextFiles() {}

  /**
   * The bytes of a file, or those in it if its name ends in .gz.
   *
   * @throws InputException if it is no gzip file, but named so
   */
  static InputStream bytes(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      return new BufferedInputStream(
          file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw, 1 << 16);
    } catch (IOException e) {
      raw.close();
      throw new InputException(file + ": is no gzip file", e);
    }
  }

  /** The characters of UTF-8; what is not UTF-8 is an error. */
  static Reader open(Path file) throws IOException {
    return text(bytes(file));
  }

  /** The characters of UTF-8; what is not UTF-8 is an error. */
  static Reader text(InputStream bytes) {
    return new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder());
  }
}
