package aviary.tokenizer;

import aviary.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Texts and their tokens as JSON Lines: {@code {"text": "..."}} on one side, {@code {"ids": [...]}}
 * on the other. Every line of the input gives one of the output, in order, save blank ones; other
 * properties are passed over.
 */
public final class JsonLines {
  private static final String TEXT = "text";
  private static final String IDS = "ids";

  /** A text may be a whole book. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /** Reads a line's property and writes what it becomes. */
  private interface Conversion {
    /**
     * @param value stands on the property's value
     * @param object inside of the object to write
     */
    void convert(JsonParser value, JsonGenerator object);
  }

  private final String source;
  private final String property;
  private final Conversion conversion;
  private int line;

  private JsonLines(String source, String property, Conversion conversion) {
    this.source = source;
    this.property = property;
    this.conversion = conversion;
  }

  /**
   * Reads texts and writes their tokens.
   *
   * @param source what messages call the input
   * @param in lines of UTF-8
   * @param out takes small pieces, so it should have a buffer; flushed at the end
   * @throws InputException if a line is no JSON object with a string {@code text}; the message has
   *     the line's number, and what the lines before it give has been written
   * @throws IOException if reading or writing fails
   */
  public static void encode(Tokenizer tokenizer, String source, InputStream in, OutputStream out)
      throws IOException {
    Conversion conversion =
        (value, object) -> {
          int[] ids = tokenizer.encode(string(value));
          object.writeName(IDS);
          object.writeArray(ids, 0, ids.length);
        };
    new JsonLines(source, TEXT, conversion).run(in, out);
  }

  /**
   * Reads tokens and writes their texts; U+FFFD stands for bytes that are no UTF-8.
   *
   * @param source what messages call the input
   * @param in lines of UTF-8
   * @param out takes small pieces, so it should have a buffer; flushed at the end
   * @throws InputException if a line is no JSON object with an array {@code ids} of tokens of the
   *     vocabulary; the message has the line's number, and what the lines before it give has been
   *     written
   * @throws IOException if reading or writing fails
   */
  public static void decode(Tokenizer tokenizer, String source, InputStream in, OutputStream out)
      throws IOException {
    Conversion conversion =
        (value, object) -> {
          byte[] bytes = tokenizer.decode(integers(value));
          object.writeStringProperty(TEXT, new String(bytes, StandardCharsets.UTF_8));
        };
    new JsonLines(source, IDS, conversion).run(in, out);
  }

  private void run(InputStream in, OutputStream out) throws IOException {
    BufferedInputStream lines = new BufferedInputStream(in, 1 << 16);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    ByteArrayOutputStream converted = new ByteArrayOutputStream();
    try {
      while (next(lines, read)) {
        line++;
        if (convert(read.toByteArray(), converted)) {
          converted.writeTo(out);
        }
      }
    } finally {
      out.flush();
    }
  }

  /** Reads a line without its end; false at the end of the input. */
  private static boolean next(InputStream in, ByteArrayOutputStream line) throws IOException {
    line.reset();
    int next = in.read();
    if (next < 0) {
      return false;
    }
    while (next >= 0 && next != '\n') {
      line.write(next);
      next = in.read();
    }
    return true;
  }

  /** Converts a line, of which nothing is written if it is bad; false if it is blank. */
  private boolean convert(byte[] utf8, ByteArrayOutputStream to) {
    to.reset();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), utf8);
        JsonGenerator object = JSON.createGenerator(ObjectWriteContext.empty(), to)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        return false;
      }
      object.writeStartObject();
      if (first != JsonToken.START_OBJECT || !convertObject(json, object)) {
        throw new InputException("wanted an object with the property \"" + property + '"');
      }
      if (json.nextToken() != null) {
        throw new InputException("goes on after its object");
      }
      object.writeEndObject();
      object.writeRaw('\n');
      return true;
    } catch (JacksonException e) {
      throw bad("is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (InputException e) {
      throw bad(e.getMessage(), e);
    }
  }

  private boolean convertObject(JsonParser json, JsonGenerator object) {
    boolean found = false;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = json.currentName().equals(property);
      json.nextToken();
      if (wanted && found) {
        throw new InputException("has \"" + property + "\" twice");
      } else if (wanted) {
        conversion.convert(json, object);
        found = true;
      } else {
        json.skipChildren();
      }
    }
    return found;
  }

  private InputException bad(String problem, Exception cause) {
    return new InputException("%s: line %d: %s".formatted(source, line, problem), cause);
  }

  private static String string(JsonParser value) {
    if (value.currentToken() != JsonToken.VALUE_STRING) {
      throw new InputException("\"" + TEXT + "\" is not a string");
    }
    return value.getString();
  }

  private static int[] integers(JsonParser value) {
    int[] numbers = new int[64];
    int count = 0;
    boolean array = value.currentToken() == JsonToken.START_ARRAY;
    while (array && value.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, count * 2);
      }
      numbers[count++] = value.getIntValue();
    }
    if (!array || value.currentToken() != JsonToken.END_ARRAY) {
      throw new InputException("\"" + IDS + "\" is not an array of whole numbers");
    }
    return Arrays.copyOf(numbers, count);
  }
}
