package aviary.evaluation.data;

import aviary.InputException;
import aviary.text.ByteOrderMark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * Reads a file of JSON objects, one a line; blank lines are passed over. A file that begins with a
 * bracket is an array of them.
 */
public final class JsonLinesReader implements DocumentReader {
  private final Path file;
  private final InputStream in;
  private final JsonArrayReader array;
  private long line;
  private boolean hasBlankLines;

  /**
   * @param file UTF-8, or that in gzip if its name ends in .gz
   */
  public JsonLinesReader(Path file) throws IOException {
    this.file = file;
    in = TextFiles.bytes(file);
    try {
      ByteOrderMark.skip(in);
      in.mark(1);
      int first = in.read();
      in.reset();
      array = first == '[' ? new JsonArrayReader(file, in, null) : null;
    } catch (Throwable e) {
      in.close();
      throw e;
    }
  }

  @Override
  public Map<String, Object> next() throws IOException {
    if (array != null) {
      return array.next();
    }
    while (true) {
      byte[] utf8 = nextLine();
      if (utf8 == null) {
        return null;
      }
      line++;
      if (!isBlank(utf8)) {
        return document(utf8);
      }
      hasBlankLines = true;
    }
  }

  /** Whether the file is an array. */
  boolean isArray() {
    return array != null;
  }

  /** Whether a blank line has been passed over. */
  boolean hasBlankLines() {
    return hasBlankLines;
  }

  private Map<String, Object> document(byte[] utf8) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      Object value = JsonValues.read(utf8);
      if (value instanceof Map<?, ?> object) {
        @SuppressWarnings("unchecked") // What JsonValues makes of an object.
        Map<String, Object> document = (Map<String, Object>) object;
        return document;
      }
      throw bad("is no JSON object" + hint(utf8), null);
    } catch (CharacterCodingException e) {
      throw bad("is not UTF-8 text", e);
    } catch (JacksonException e) {
      throw bad("is not valid JSON: " + problem(e) + hint(utf8), e);
    }
  }

  /** What the library says, without where in its own buffer it says it of. */
  static String problem(JacksonException e) {
    return e.getOriginalMessage().replaceAll(" *\\([^()]*\\[Source: [^]]*][^()]*\\)", "").strip();
  }

  /** An object is often written over several lines. */
  private String hint(byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8).strip();
    return line == 1 && text.equals("{")
        ? "; wanted JSON Lines: on each line an object, or one array of objects"
        : "";
  }

  private InputException bad(String problem, Exception cause) {
    return new InputException("%s: line %d %s".formatted(file, line, problem), cause);
  }

  private byte[] nextLine() throws IOException {
    int next = in.read();
    if (next < 0) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    while (next >= 0 && next != '\n') {
      bytes.write(next);
      next = in.read();
    }
    return bytes.toByteArray();
  }

  private static boolean isBlank(byte[] utf8) {
    for (byte b : utf8) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    if (array != null) {
      array.close();
    }
    in.close();
  }
}
