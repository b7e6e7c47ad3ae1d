package aviary.cli;

import java.io.PrintStream;
import java.io.StringWriter;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Results as JSON: one value, on one line. */
final class Json {
  private Json() {}

  /**
   * Prints an object.
   *
   * @param properties writes them; the object is begun and ended here
   */
  static void printObject(PrintStream out, Consumer<JsonGenerator> properties) {
    print(
        out,
        json -> {
          json.writeStartObject();
          properties.accept(json);
          json.writeEndObject();
        });
  }

  /** Prints a value. */
  static void print(PrintStream out, Consumer<JsonGenerator> value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      value.accept(json);
    }
    out.println(text);
  }
}
