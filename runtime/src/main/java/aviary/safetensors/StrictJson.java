package aviary.safetensors;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads JSON whose form is known beforehand, and refuses every other with a message that names the
 * place: no property twice, no number but non-negative integers, no deep nesting, no text after the
 * end, nothing but UTF-8. Names and strings may be as long as the text, whose length is bounded.
 */
final class StrictJson implements AutoCloseable {

  /** As deep as serde_json goes, which the reference implementation reads with. */
  private static final int DEEPEST = 127;

  /** Names in these files hardly ever repeat, so a table of them would only cost time. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Reads one property's value; the parser stands on the value's first token. */
  @FunctionalInterface
  interface Property {
    void read(String name) throws MalformedFileException;
  }

  private final Path path;
  private final String part;
  private final JsonParser parser;

  /**
   * @param path the file, for messages
   * @param part what of the file this is, for messages: {@code the header}
   * @param utf8 the JSON text
   */
  StrictJson(Path path, String part, byte[] utf8) throws MalformedFileException {
    this.path = path;
    this.part = part;
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(path, part + " is not UTF-8 text", e);
    }
    parser =
        JSON.createParser(
            ObjectReadContext.empty(), text.array(), text.arrayOffset(), text.length());
  }

  /** Reads the whole text as one object. */
  void document(Property property) throws MalformedFileException {
    next();
    object(part, property);
    if (next() != null) {
      throw fail(part + " goes on after its end");
    }
  }

  /** Reads an object, giving each of its properties to {@code property}. */
  void object(String where, Property property) throws MalformedFileException {
    expect(JsonToken.START_OBJECT, where, "an object");
    Set<String> seen = new HashSet<>();
    while (next() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!seen.add(name)) {
        throw fail(where + " names " + name + " twice");
      }
      next();
      property.read(name);
    }
  }

  /** Whether the value is null. */
  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** Reads a string. */
  String string(String where) throws MalformedFileException {
    expect(JsonToken.VALUE_STRING, where, "a string");
    try {
      return parser.getString();
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  /**
   * Reads an array of integers from 0 to 2^63 - 1.
   *
   * @param most how many there may be
   */
  long[] integers(String where, int most) throws MalformedFileException {
    expect(JsonToken.START_ARRAY, where, "an array of integers");
    long[] out = new long[4];
    int count = 0;
    while (next() != JsonToken.END_ARRAY) {
      if (count == most) {
        throw fail(where + " has more than " + most + " numbers");
      }
      if (count == out.length) {
        out = Arrays.copyOf(out, Math.min(most, 2 * count));
      }
      out[count++] = integer(where);
    }
    return Arrays.copyOf(out, count);
  }

  /** Passes over a value of any kind. */
  void skip() throws MalformedFileException {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  /** What to throw when the text is JSON, but not the wanted one. */
  MalformedFileException fail(String problem) {
    return new MalformedFileException(path, problem);
  }

  @Override
  public void close() {
    parser.close();
  }

  private long integer(String where) throws MalformedFileException {
    String wanted = "an integer from 0 to 2^63 - 1";
    expect(JsonToken.VALUE_NUMBER_INT, where, wanted);
    try {
      long value = parser.getLongValue();
      if (value >= 0) {
        return value;
      }
    } catch (JacksonException e) {
      // Too large for a long: told below, like the negative.
    }
    throw fail(where + " has " + parser.getString() + ", wanted " + wanted);
  }

  private void expect(JsonToken token, String where, String wanted) throws MalformedFileException {
    JsonToken found = parser.currentToken();
    if (found != token) {
      throw fail(where + " has " + describe(found) + ", wanted " + wanted);
    }
  }

  private String describe(JsonToken token) {
    return switch (token) {
      case null -> "nothing";
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      default -> parser.getString();
    };
  }

  private JsonToken next() throws MalformedFileException {
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  private MalformedFileException notJson(JacksonException e) {
    long at = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
    String place = at < 0 ? "" : " at character " + at;
    return new MalformedFileException(
        path, part + " is not valid JSON" + place + ": " + e.getOriginalMessage(), e);
  }
}
