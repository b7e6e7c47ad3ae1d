package aviary.text;

import aviary.FileKind;
import aviary.InputException;
import aviary.TextBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Texts that people give: UTF-8, of which a byte order mark is no part. What is something else is
 * refused by its name, with the place and with what to do.
 */
public final class TextInput {

  /** The most bytes that an array holds. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  /** How much of an input is looked at before it is read on. */
  private static final int LOOK = 1 << 16;

  private TextInput() {}

  /**
   * Reads a file.
   *
   * @return its bytes, without a byte order mark
   * @throws InputException if it is no UTF-8 text, or too large for an array
   * @throws IOException if it cannot be read
   */
  public static byte[] read(Path file) throws IOException {
    if (Files.size(file) > LONGEST) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "%s: has more than %,d bytes, the most of a text; split it",
              file,
              LONGEST));
    }
    return of(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads an input to its end.
   *
   * @param source what messages call it
   * @return its bytes, without a byte order mark
   * @throws InputException if it is no UTF-8 text
   * @throws IOException if it cannot be read
   */
  public static byte[] read(String source, InputStream in) throws IOException {
    return of(source, in.readAllBytes());
  }

  /**
   * The text that all bytes of an input are.
   *
   * <p>An incomplete character at the end is kept where other characters show that the text is
   * UTF-8: {@code head -c} leaves such ends.
   *
   * @param source what messages call it
   * @return the bytes, without a byte order mark
   * @throws InputException if they are no UTF-8 text
   */
  public static byte[] of(String source, byte[] bytes) {
    require(source, Arrays.copyOf(bytes, Math.min(bytes.length, LOOK)), bytes.length > LOOK);
    int mark = ByteOrderMark.length(bytes);
    requireUtf8(source, bytes, mark);
    return mark == 0 ? bytes : Arrays.copyOfRange(bytes, mark, bytes.length);
  }

  /**
   * Looks at the beginning of an input that is read line by line, and no further than there is
   * something to read.
   *
   * @param source what messages call it
   * @return the same input, without a byte order mark
   * @throws InputException if it is no text, by its beginning
   * @throws IOException if it cannot be read
   */
  public static InputStream stream(String source, InputStream in) throws IOException {
    byte[] start = new byte[LOOK];
    int count = 0;
    // More than a line is waited for only where there is none.
    while (count < Long.BYTES && !hasLine(start, count)) {
      int read = in.read(start, count, start.length - count);
      if (read < 0) {
        break;
      }
      count += read;
    }
    byte[] seen = Arrays.copyOf(start, count);
    require(source, seen, true);
    int mark = ByteOrderMark.length(seen);
    // Reads of it end where the first part ends, and do not wait for more of a pipe.
    return new SequenceInputStream(new ByteArrayInputStream(seen, mark, count - mark), in);
  }

  /**
   * A part of an input, such as a line, as text.
   *
   * @param source what messages call the part
   * @throws InputException if it is not UTF-8
   */
  public static String text(String source, byte[] part) {
    requireUtf8(source, part, 0);
    return new String(part, StandardCharsets.UTF_8);
  }

  private static boolean hasLine(byte[] bytes, int count) {
    return count > 0 && bytes[count - 1] == '\n';
  }

  /** Refuses what the first bytes show to be no text. */
  private static void require(String source, byte[] start, boolean cut) {
    FileKind kind = FileKind.of(start, cut);
    switch (kind.format()) {
      case EMPTY, JSON, VOCABULARY, WEB_PAGE, TEXT -> {}
      case UNKNOWN -> {} // of a wrong byte the place is said
      case SAFETENSORS, TORCH, PARQUET, GZIP, PACKED, OTHER, BINARY ->
          throw new InputException(
              "%s: is %s; plain UTF-8 text is needed%s"
                  .formatted(
                      source, kind.title(), kind.advice().isEmpty() ? "" : ": " + kind.advice()));
    }
  }

  private static void requireUtf8(String source, byte[] bytes, int from) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, bytes.length - from);
    CharBuffer out = CharBuffer.allocate(1 << 13);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      out.clear();
      result = decoder.decode(in, out, true);
    }
    int at = in.position();
    if (!result.isError() || isCutOff(bytes, from, at)) {
      return;
    }
    long line = line(bytes, at);
    String place =
        "byte 0x%02X at offset %d%s"
            .formatted(bytes[at] & 0xFF, at, line == 1 ? "" : ", in line " + line);
    throw new InputException(
        TextBytes.of(bytes).hasControls()
            ? "%s: is a binary file of no known kind (%s); plain UTF-8 text is needed"
                .formatted(source, place)
            : "%s: is not UTF-8 text: %s; if it is in another encoding, %s"
                .formatted(source, place, FileKind.reencode("ENCODING")));
  }

  /** Whether what is wrong is an incomplete character at the end of a text that is UTF-8. */
  private static boolean isCutOff(byte[] bytes, int from, int at) {
    int lead = bytes[at] & 0xFF;
    int length = lead >= 0xF5 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (bytes.length - at >= length) {
      return false;
    }
    for (int i = at + 1; i < bytes.length; i++) {
      if ((bytes[i] & 0xC0) != 0x80) {
        return false;
      }
    }
    for (int i = from; i < at; i++) {
      if (bytes[i] < 0) {
        return true;
      }
    }
    return false;
  }

  private static long line(byte[] bytes, int at) {
    long line = 1;
    for (int i = 0; i < at; i++) {
      if (bytes[i] == '\n') {
        line++;
      }
    }
    return line;
  }
}
