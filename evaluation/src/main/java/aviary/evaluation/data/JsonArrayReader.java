package aviary.evaluation.data;

import aviary.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a JSON file that is one array: of objects, which are the documents, or of texts, which are
 * those of documents with the one column {@code text}.
 */
final class JsonArrayReader implements DocumentReader {
  private final Path file;
  private final InputStream in;
  private final JsonParser json;

  /**
   * @param file UTF-8, or that in gzip if its name ends in .gz
   * @param field of the object that the file is, which holds the array; null if it is the array
   */
  JsonArrayReader(Path file, String field) throws IOException {
    this(file, TextFiles.bytes(file), field);
  }

  /**
   * @param in the file's bytes, which are closed with this reader, and if it cannot be made
   */
  JsonArrayReader(Path file, InputStream in, String field) throws IOException {
    this.file = file;
    this.in = in;
    try {
      json = JsonValues.parser(in);
      if (!begins(field)) {
        throw new InputException(
            field == null
                ? file + ": is no JSON array"
                : "%s: is no JSON object with an array in the field %s".formatted(file, field));
      }
    } catch (JacksonException e) {
      in.close();
      throw bad(e);
    } catch (Throwable e) {
      in.close();
      throw e;
    }
  }

  private boolean begins(String field) {
    JsonToken first = json.nextToken();
    if (field == null) {
      return first == JsonToken.START_ARRAY;
    }
    if (first != JsonToken.START_OBJECT) {
      return false;
    }
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean found = json.currentName().equals(field);
      JsonToken value = json.nextToken();
      if (found) {
        return value == JsonToken.START_ARRAY;
      }
      json.skipChildren();
    }
    return false;
  }

  @Override
  public Map<String, Object> next() {
    try {
      JsonToken token = json.nextToken();
      if (token == JsonToken.END_ARRAY || token == null) {
        return null;
      }
      Object value = JsonValues.value(json);
      return switch (value) {
        case Map<?, ?> object -> {
          @SuppressWarnings("unchecked") // What JsonValues makes of an object.
          Map<String, Object> document = (Map<String, Object>) object;
          yield document;
        }
        case String text -> Map.of("text", text);
        case null, default ->
            throw new InputException(
                "%s: line %d: the array has what is neither an object nor a text"
                    .formatted(file, json.currentTokenLocation().getLineNr()));
      };
    } catch (JacksonException e) {
      throw bad(e);
    }
  }

  private InputException bad(JacksonException e) {
    return new InputException(
        "%s: line %d is not valid JSON: %s"
            .formatted(
                file,
                e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                JsonLinesReader.problem(e)),
        e);
  }

  @Override
  public void close() throws IOException {
    json.close();
    in.close();
  }
}
