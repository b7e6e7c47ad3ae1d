package aviary.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A kind of file that is no plain text and is recognized by its first bytes.
 *
 * @param title what messages call it, such as "a Parquet file"
 * @param advice what to do with it; empty where there is nothing but to name another file
 */
public record FileKind(String title, String advice) {

  /** How many first bytes are enough; the mark of a tar is the last, at byte 257. */
  public static final int START = 512;

  /** No header of a safetensors file is longer. */
  private static final int LONGEST_HEADER = 100_000_000;

  /** What token files of llm.c and modded-nanogpt begin with, as a 32-bit number. */
  private static final int LLM_C = 20240520;

  private static final String TOKENS = "give the text that its tokens were made from";

  /** A Parquet file, which some commands read. */
  public static final FileKind PARQUET = new FileKind("a Parquet file", "");

  /** A gzip file, which some commands read. */
  public static final FileKind GZIP = compressed("gzip", "gunzip");

  /** Bytes at a place of a file. */
  private record Mark(int at, byte[] bytes, FileKind kind) {
    boolean isIn(byte[] start) {
      int end = at + bytes.length;
      return end <= start.length && Arrays.equals(start, at, end, bytes, 0, bytes.length);
    }
  }

  private static final List<Mark> MARKS =
      List.of(
          hex("fffe0000", new FileKind("UTF-32 text", iconv("UTF-32"))),
          hex("0000feff", new FileKind("UTF-32 text", iconv("UTF-32"))),
          hex("fffe", new FileKind("UTF-16 text (little-endian)", iconv("UTF-16"))),
          hex("feff", new FileKind("UTF-16 text (big-endian)", iconv("UTF-16"))),
          // After the mark comes the first field of a page, or of the footer.
          text("PAR1\u0015", PARQUET),
          hex("1f8b", GZIP),
          hex("28b52ffd", compressed("Zstandard", "unzstd")),
          hex("fd377a585a00", compressed("xz", "unxz")),
          hex("04224d18", compressed("LZ4", "unlz4")),
          new Mark(4, HexFormat.of().parseHex("314159265359"), compressed("bzip2", "bunzip2")),
          text("PK\3\4", zip()),
          text("PK\5\6", zip()),
          hex("377abcaf271c", new FileKind("a 7z archive", "unpack it first")),
          text("Rar!\u001a\7", new FileKind("a RAR archive", "unpack it first")),
          new Mark(257, bytes("ustar"), new FileKind("a tar archive", "unpack it first")),
          text("MMIDIDX\0\0", new FileKind("the index of token files (binidx)", TOKENS)),
          text("TNTIDX\0\0", new FileKind("the index of token files", TOKENS)),
          text("\u0093NUMPY", new FileKind("a NumPy array", "if of tokens, " + TOKENS)),
          text("GGUF\1\0\0\0", gguf()),
          text("GGUF\2\0\0\0", gguf()),
          text("GGUF\3\0\0\0", gguf()),
          text("ARROW1\0\0", arrow()),
          hex("ffffffff", arrow()),
          text("%PDF-1.", new FileKind("a PDF document", "save its text first")),
          text("{\\rtf", new FileKind("an RTF document", "save it as plain text first")),
          hex("d0cf11e0", new FileKind("an Office document", "save it as plain text first")),
          text("SQLite format 3\0", new FileKind("an SQLite database", "")),
          hex("894844460d0a1a0a", new FileKind("an HDF5 file", "")),
          hex("89504e470d0a1a0a", new FileKind("a PNG image", "")),
          hex("ffd8ff", new FileKind("a JPEG image", "")),
          text("GIF89a", new FileKind("a GIF image", "")),
          text("GIF87a", new FileKind("a GIF image", "")),
          hex("7f454c46", new FileKind("a program", "")),
          text(
              "version https://git-lfs.github.com/spec/",
              new FileKind(
                  "a pointer of Git LFS and not the file itself", "git lfs pull gets it")));

  /**
   * Recognizes a file.
   *
   * @param start its first bytes, {@link #START} of them if it has as many
   */
  public static Optional<FileKind> of(byte[] start) {
    for (Mark mark : MARKS) {
      if (mark.isIn(start)) {
        return Optional.of(mark.kind);
      }
    }
    return start.length < 2 * Long.BYTES ? Optional.empty() : ofNumbers(start);
  }

  private static Optional<FileKind> ofNumbers(byte[] start) {
    ByteBuffer numbers = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    long header = numbers.getLong(0);
    if (header > 0 && header <= LONGEST_HEADER && start[Long.BYTES] == '{') {
      return Optional.of(new FileKind("a safetensors file", ""));
    }
    if ((start[0] & 0xFF) == 0x80 && start[1] >= 2 && start[1] <= 5) {
      return Optional.of(new FileKind("a pickle of Python's", ""));
    }
    return numbers.getInt(0) == LLM_C
        ? Optional.of(new FileKind("a token file of llm.c", TOKENS))
        : Optional.empty();
  }

  private static FileKind compressed(String with, String program) {
    return new FileKind("compressed with " + with, program + " unpacks it");
  }

  private static FileKind zip() {
    return new FileKind(
        "a zip archive (as .npz, .docx, .epub and .pth are)", "unpack it, or save it as text");
  }

  private static FileKind gguf() {
    return new FileKind("a model in llama.cpp's format", "");
  }

  private static FileKind arrow() {
    return new FileKind("an Arrow file", "save it as Parquet or JSON Lines");
  }

  /** How to turn a text of another encoding into one that is read. */
  static String iconv(String encoding) {
    return "save it as UTF-8, for example with iconv -f " + encoding + " -t UTF-8";
  }

  private static Mark hex(String digits, FileKind kind) {
    return new Mark(0, HexFormat.of().parseHex(digits), kind);
  }

  private static Mark text(String latin, FileKind kind) {
    return new Mark(0, bytes(latin), kind);
  }

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }
}
