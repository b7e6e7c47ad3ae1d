package aviary;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file is, by its first bytes. Each reader decides which formats it takes and refuses others
 * by their title; it checks the whole of what it takes.
 *
 * @param format which kind
 * @param title what messages call it: {@code a UTF-16 text}
 * @param advice what to do with it; empty where there is nothing but to name another file
 */
public record FileKind(Format format, String title, String advice) {

  /** The kinds among which readers choose. */
  public enum Format {
    EMPTY,
    SAFETENSORS,
    /** A file of torch.save of any version, or another archive in such a format (zip, tar). */
    TORCH,
    PARQUET,
    GZIP,
    /** What may contain the wanted file or refers to it, such as an archive. */
    PACKED,
    JSON,
    /** A vocabulary of the RWKV World tokenizer, in either form. */
    VOCABULARY,
    WEB_PAGE,
    /** Any other UTF-8 text. */
    TEXT,
    /** A known kind that no reader takes. */
    OTHER,
    /** Bytes without a mark that cannot be text, such as numbers. */
    BINARY,
    /** Bytes without a mark, such as damaged text or text in another encoding than UTF-8. */
    UNKNOWN
  }

  /** How many first bytes are enough for a mark: that of a tar archive is at byte 257. */
  public static final int START = 512;

  private static final Pattern WORLD_LINE = Pattern.compile("\\d+ b?['\"].*['\"] \\d+\\s*");
  private static final Pattern LITERAL_LINE = Pattern.compile("b?(['\"]).*\\1\\s*");

  /** A bracket alone may begin a text, such as a vocabulary of BERT's ({@code [PAD]}). */
  private static final Pattern JSON_START =
      Pattern.compile("\\{\\s*[\"}]|\\[\\s*([\"\\[{\\]0-9-]|true|false|null)");

  private static final Pattern WEB_PAGE_START =
      Pattern.compile("<(!doctype html|html)", Pattern.CASE_INSENSITIVE);

  /**
   * Looks at a file.
   *
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
   * @param bytes {@link #START} or more of them, or all
   * @param cut whether others may follow
   */
  public static FileKind of(byte[] bytes, boolean cut) {
    if (bytes.length == 0) {
      return new FileKind(Format.EMPTY, "an empty file", "");
    }
    Optional<FileKind> marked = FileMarks.find(Arrays.copyOf(bytes, Math.min(bytes.length, START)));
    return marked.orElseGet(() -> withoutMark(bytes, cut));
  }

  /** The title; where the wanted file may be in this one, also how to get it. */
  public String described() {
    return switch (format) {
      case GZIP, PACKED, WEB_PAGE -> title + " (" + advice + ")";
      default -> title;
    };
  }

  /** How to turn a text in another encoding into UTF-8. */
  public static String reencode(String encoding) {
    return "save it as UTF-8, for example with iconv -f " + encoding + " -t UTF-8";
  }

  private static FileKind withoutMark(byte[] bytes, boolean cut) {
    TextBytes counts = TextBytes.of(bytes);
    String wide = counts.wideEncoding();
    if (wide != null) {
      return new FileKind(
          Format.OTHER, "a " + wide + " text without a byte order mark", reencode(wide));
    }
    if (counts.isBinary()) {
      return new FileKind(Format.BINARY, "a binary file of no known kind", FileMarks.IF_TOKENS);
    }
    String text = counts.isClean() ? decoded(bytes, cut) : null;
    return text == null
        ? new FileKind(Format.UNKNOWN, "a file of no known kind", "")
        : ofText(text.startsWith("\ufeff") ? text.substring(1) : text);
  }

  private static FileKind ofText(String text) {
    String first = text.lines().findFirst().orElse("");
    if (WORLD_LINE.matcher(first).matches() || LITERAL_LINE.matcher(first).matches()) {
      return new FileKind(Format.VOCABULARY, "a vocabulary", "");
    }
    String stripped = text.stripLeading();
    if (JSON_START.matcher(stripped).lookingAt()) {
      return new FileKind(Format.JSON, "JSON", "");
    }
    return WEB_PAGE_START.matcher(stripped).lookingAt()
        ? new FileKind(Format.WEB_PAGE, "a web page", "download the file itself")
        : new FileKind(Format.TEXT, "a text", "");
  }

  /** The text, without a last character that is cut off; null if it is not UTF-8. */
  private static String decoded(byte[] bytes, boolean cut) {
    CharBuffer out = CharBuffer.allocate(bytes.length);
    var result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), out, !cut);
    return result.isError() ? null : out.flip().toString();
  }
}
