package aviary.training.mqar;

import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;

/**
 * What a cell of a sweep gave.
 *
 * @param cell the training
 * @param steps how many batches it learned from
 * @param seconds how long that took, without pauses
 * @param accuracy on examples that it had not seen; nothing if the loss diverged
 */
public record SweepResult(SweepCell cell, long steps, double seconds, OptionalDouble accuracy) {

  /** As a line of JSON, without its end. */
  String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("arch", cell.arch());
    fields.put("layers", cell.layers());
    fields.put("width", cell.width());
    fields.put("head_size", cell.headSize());
    fields.put("vocab_size", cell.vocabulary());
    fields.put("length", cell.length());
    fields.put("pairs", cell.pairs());
    fields.put("examples", cell.examples());
    fields.put("batch_size", cell.batch());
    fields.put("epochs", cell.epochs());
    fields.put("test_examples", cell.testExamples());
    fields.put("lr", cell.learningRate());
    fields.put("seed", cell.seed());
    fields.put("steps", steps);
    fields.put("seconds", seconds);
    fields.put("accuracy", accuracy.isPresent() ? accuracy.getAsDouble() : null);
    return PythonJson.line(fields);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static SweepResult parse(String line) {
    Object value;
    try {
      value = JsonValues.read(line.getBytes(StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
    if (!(value instanceof Map<?, ?> fields)
        || !(fields.get("arch") instanceof String arch)
        || !fields.containsKey("accuracy")) {
      throw new IllegalArgumentException("there is no arch, or no accuracy");
    }
    SweepCell cell =
        new SweepCell(
            arch,
            number(fields, "layers").intValue(),
            number(fields, "width").intValue(),
            number(fields, "head_size").intValue(),
            number(fields, "vocab_size").intValue(),
            number(fields, "length").intValue(),
            number(fields, "pairs").intValue(),
            number(fields, "examples").intValue(),
            number(fields, "batch_size").intValue(),
            number(fields, "epochs").intValue(),
            number(fields, "test_examples").intValue(),
            number(fields, "lr").doubleValue(),
            number(fields, "seed").longValue());
    OptionalDouble accuracy =
        fields.get("accuracy") == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(number(fields, "accuracy").doubleValue());
    return new SweepResult(
        cell,
        number(fields, "steps").longValue(),
        number(fields, "seconds").doubleValue(),
        accuracy);
  }

  private static Number number(Map<?, ?> fields, String name) {
    if (fields.get(name) instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException("there is no number " + name);
  }
}
