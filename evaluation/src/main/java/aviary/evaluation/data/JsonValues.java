package aviary.evaluation.data;

import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** JSON texts as values of documents. */
public final class JsonValues {

  /** A text may be a whole book. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(100)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // NaN and Infinity, as Python writes.
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** For a first look: an object whose values nothing can be done with is one all the same. */
  private static final JsonFactory LENIENT =
      JSON.rebuild().disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonValues() {}

  /**
   * Reads a text that holds one value and nothing else.
   *
   * @return the value; null also for a blank text
   * @throws tools.jackson.core.JacksonException if it is not JSON
   */
  public static Object read(byte[] utf8) {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), utf8)) {
      Object value = json.nextToken() == null ? null : value(json);
      if (json.nextToken() != null) {
        throw new StreamReadException(json, "it goes on after its end");
      }
      return value;
    }
  }

  /**
   * The names in an object, which is all that a text holds.
   *
   * @return empty if the text is no JSON, or no object
   */
  public static Optional<Set<String>> names(byte[] utf8) {
    try (JsonParser json = LENIENT.createParser(ObjectReadContext.empty(), utf8)) {
      json.nextToken();
      Optional<Set<String>> names = namesHere(json);
      return json.nextToken() == null ? names : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * The names in the first object of an array; what follows is not looked at.
   *
   * @return empty if the text begins with something else
   */
  public static Optional<Set<String>> namesOfFirst(InputStream utf8) {
    try (JsonParser json = LENIENT.createParser(ObjectReadContext.empty(), utf8)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        return Optional.empty();
      }
      json.nextToken();
      return namesHere(json);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Optional<Set<String>> namesHere(JsonParser json) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      return Optional.empty();
    }
    Set<String> names = new LinkedHashSet<>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      names.add(json.currentName());
      json.nextToken();
      json.skipChildren();
    }
    return json.currentToken() == JsonToken.END_OBJECT ? Optional.of(names) : Optional.empty();
  }

  /** Goes through a file of several values. */
  static JsonParser parser(InputStream utf8) {
    return JSON.createParser(ObjectReadContext.empty(), utf8);
  }

  /** The value that begins where a parser is. */
  static Object value(JsonParser json) {
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(json));
        }
        yield items;
      }
      case VALUE_STRING -> wellFormed(json);
      case VALUE_NUMBER_INT -> integer(json.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> decimal(json);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** UTF-8 has no half of a surrogate pair, so that nothing could be done with the text. */
  private static String wellFormed(JsonParser json) {
    String text = json.getString();
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new StreamReadException(
              json, "half of a surrogate pair, \\u%04x".formatted((int) text.charAt(i)));
        }
        i++;
      }
    }
    return text;
  }

  private static double decimal(JsonParser json) {
    double number = json.getDoubleValue();
    if (Double.isInfinite(number) && json.getString().indexOf('I') < 0) {
      throw new StreamReadException(json, "the number %s is too large".formatted(json.getString()));
    }
    return number;
  }

  private static Map<String, Object> object(JsonParser json) {
    Map<String, Object> object = new LinkedHashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      object.put(name, value(json));
    }
    return object;
  }

  private static Number integer(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
  }
}
