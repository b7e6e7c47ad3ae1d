package aviary;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a file is, by its first bytes. It serves messages about files that were given by mistake:
 * the readers of each format check the whole.
 *
 * @param format which kind
 * @param title what to call it in a message: {@code a UTF-16 text}
 */
public record FileKind(Format format, String title) {

  /** The kinds that are told apart. */
  public enum Format {
    EMPTY,
    SAFETENSORS,
    /** A file of torch.save, of any version. */
    TORCH,
    JSON,
    /** A vocabulary of the RWKV World tokenizer, in either form. */
    VOCABULARY,
    /** Any other UTF-8 text. */
    TEXT,
    /** A known kind that none of Aviary's readers of models, states and vocabularies takes. */
    OTHER,
    /** Bytes without any mark, such as those of a damaged file. */
    UNKNOWN
  }

  /** Enough for the mark of a tar, which is at byte 257. */
  private static final int START = 512;

  private static final long LONGEST_HEADER = 100_000_000;

  private static final Pattern WORLD_LINE = Pattern.compile("\\d+ b?['\"].*['\"] \\d+\\s*");
  private static final Pattern LITERAL_LINE = Pattern.compile("b?(['\"]).*\\1\\s*");

  /** A bracket alone may begin a text, such as a vocabulary of BERT's ({@code [PAD]}). */
  private static final Pattern JSON_START =
      Pattern.compile("\\{\\s*[\"}]|\\[\\s*([\"\\[{\\]0-9-]|true|false|null)");

  /** The first bytes, as Latin-1, of what no reader takes. */
  private record Mark(String bytes, String title) {}

  private static final List<Mark> MARKS =
      List.of(
          new Mark("\u00ff\u00fe\0\0", "a UTF-32 text"),
          new Mark("\u00ff\u00fe", "a UTF-16 text"),
          new Mark("\u00fe\u00ff", "a UTF-16 text"),
          new Mark("version https://git-lfs", "a pointer of Git LFS (get the file: git lfs pull)"),
          new Mark("GGUF", "a GGUF model of llama.cpp"),
          new Mark("fmgg", "a model of rwkv.cpp"),
          new Mark("lmgg", "a GGML model"),
          new Mark("PAR1", "a Parquet file"),
          new Mark("ARROW1", "an Arrow file"),
          new Mark("\u0093NUMPY", "an array of numpy"),
          new Mark("\u001f\u008b", "a gzip file (unpack it first)"),
          new Mark("(\u00b5/\u00fd", "a zstd file (unpack it first)"),
          new Mark("\u00fd7zXZ", "an xz file (unpack it first)"),
          new Mark("BZh", "a bzip2 file (unpack it first)"),
          new Mark("7z\u00bc\u00af", "a 7z archive (unpack it first)"),
          new Mark("%PDF", "a PDF document"),
          new Mark("\u0089PNG", "a picture"),
          new Mark("\u00ff\u00d8\u00ff", "a picture"),
          new Mark("SQLite format 3", "an SQLite database"),
          new Mark("\u007fELF", "a program"));

  /**
   * Looks at a file.
   *
   * @param path a file
   * @throws IOException if it cannot be read
   */
  public static FileKind of(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return of(in.readNBytes(START), Files.size(path) > START);
    }
  }

  /**
   * Looks at the first bytes of a file.
   *
   * @param bytes the first 512, or all
   * @param cut whether more follow
   */
  public static FileKind of(byte[] bytes, boolean cut) {
    String start = new String(bytes, StandardCharsets.ISO_8859_1);
    if (start.isEmpty()) {
      return new FileKind(Format.EMPTY, "an empty file");
    }
    for (Mark mark : MARKS) {
      if (start.startsWith(mark.bytes())) {
        return other(mark.title());
      }
    }
    if (isSafetensors(start)) {
      return new FileKind(Format.SAFETENSORS, "a safetensors file");
    }
    if (start.startsWith("PK\3\4") || start.startsWith("PK\5\6")) {
      return start.contains("data.pkl")
          ? new FileKind(Format.TORCH, "a file of torch.save")
          : new FileKind(Format.TORCH, "a zip archive");
    }
    if (start.startsWith("ustar", 257)) {
      return new FileKind(Format.TORCH, "a tar archive");
    }
    if (start.charAt(0) == '\u0080') {
      return new FileKind(Format.TORCH, "a Python pickle, as torch.save writes it");
    }
    return ofText(bytes, start, cut);
  }

  /** A header's length in 64 bits, white space and the header's brace. */
  private static boolean isSafetensors(String start) {
    if (start.length() <= Long.BYTES) {
      return false;
    }
    long length = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      length = length << 8 | start.charAt(i);
    }
    String header = start.substring(Long.BYTES).stripLeading();
    return length > 0 && length <= LONGEST_HEADER && (header.isEmpty() || header.charAt(0) == '{');
  }

  private static FileKind ofText(byte[] bytes, String start, boolean cut) {
    long zeros = start.chars().filter(c -> c == 0).count();
    if (zeros > start.length() / 4 && isEveryOtherZero(start)) {
      return other("a UTF-16 text");
    }
    String text = decoded(bytes, cut);
    if (text == null || text.chars().anyMatch(FileKind::isBinary)) {
      return new FileKind(Format.UNKNOWN, "a binary file of no known kind");
    }
    String content = text.startsWith("\ufeff") ? text.substring(1) : text;
    String first = content.lines().findFirst().orElse("");
    if (WORLD_LINE.matcher(first).matches() || LITERAL_LINE.matcher(first).matches()) {
      return new FileKind(Format.VOCABULARY, "a vocabulary");
    }
    String stripped = content.stripLeading();
    if (JSON_START.matcher(stripped).lookingAt()) {
      return new FileKind(Format.JSON, "JSON");
    }
    return stripped.regionMatches(true, 0, "<!doctype html", 0, 14)
            || stripped.regionMatches(true, 0, "<html", 0, 5)
        ? other("a web page (download the file itself)")
        : new FileKind(Format.TEXT, "a text");
  }

  private static boolean isEveryOtherZero(String start) {
    long even = 0;
    long odd = 0;
    for (int i = 0; i < start.length(); i++) {
      if (start.charAt(i) == 0) {
        even += 1 - i % 2;
        odd += i % 2;
      }
    }
    return Math.min(even, odd) * 8 < Math.max(even, odd);
  }

  /** The text, without a last character that is cut off; null if it is not UTF-8. */
  private static String decoded(byte[] bytes, boolean cut) {
    CharBuffer out = CharBuffer.allocate(bytes.length);
    var result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), out, !cut);
    return result.isError() ? null : out.flip().toString();
  }

  private static boolean isBinary(int c) {
    return c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b;
  }

  private static FileKind other(String title) {
    return new FileKind(Format.OTHER, title);
  }
}
