package aviary.training;

import aviary.InputException;
import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * What each step gave, as JSON Lines.
 *
 * @param file where they are
 */
record Metrics(Path file) {

  /**
   * A step that was done.
   *
   * @param tokensPerSecond since the training was begun or resumed
   * @param seconds since it was begun, without the time in which it did not run
   * @param seen what was seen of the weights after the step; null where nobody looked
   */
  record Line(
      long step,
      double loss,
      double accuracy,
      double learningRate,
      double gradientNorm,
      double tokensPerSecond,
      double seconds,
      Seen seen) {
    String json() {
      return numbers() + (seen == null ? "" : seen.json()) + "}\n";
    }

    private String numbers() {
      return String.format(
          Locale.ROOT,
          "{\"step\": %d, \"loss\": %.6f, \"accuracy\": %.6f, \"learning_rate\": %.6e,"
              + " \"gradient_norm\": %.6f, \"tokens_per_second\": %.1f, \"seconds\": %.2f",
          step,
          loss,
          accuracy,
          learningRate,
          gradientNorm,
          tokensPerSecond,
          seconds);
    }
  }

  /**
   * What a look at the weights gave; NaN and null where it was not looked at.
   *
   * @param loss of the held-out part
   * @param accuracy of the held-out part
   * @param bitsPerByte of the held-out part
   * @param sample the text that the model wrote
   */
  record Seen(double loss, double accuracy, double bitsPerByte, String sample) {
    String json() {
      StringBuilder json = new StringBuilder();
      append(json, LOSS, loss);
      append(json, ACCURACY, accuracy);
      append(json, BITS, bitsPerByte);
      if (sample != null) {
        json.append(", \"").append(SAMPLE).append("\": ").append(PythonJson.line(sample));
      }
      return json.toString();
    }

    private static void append(StringBuilder json, String name, double number) {
      if (Double.isFinite(number)) {
        json.append(String.format(Locale.ROOT, ", \"%s\": %.6f", name, number));
      }
    }
  }

  private static final String LOSS = "val_loss";
  private static final String ACCURACY = "val_accuracy";
  private static final String BITS = "val_bits_per_byte";
  private static final String SAMPLE = "sample";

  /**
   * Adds a line.
   *
   * @throws IOException if it cannot be written, in one line that names the file
   */
  void add(Line line) throws IOException {
    try {
      Files.writeString(
          file,
          line.json(),
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      // A full disk says that it is full, but not of which file.
      throw new IOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Forgets the steps behind a checkpoint, which are done again. */
  void keep(long steps) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    StringBuilder kept = new StringBuilder();
    for (Line line : read()) {
      if (line.step <= steps) {
        kept.append(line.json());
      }
    }
    WholeFile.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** All that is there; a last line that was cut off counts as none. */
  List<Line> read() throws IOException {
    List<Line> lines = new ArrayList<>();
    try {
      List<String> texts = Files.readAllLines(file);
      for (int i = 0; i < texts.size(); i++) {
        try {
          lines.add(parse(texts.get(i)));
        } catch (JacksonException | IllegalArgumentException e) {
          if (i < texts.size() - 1) {
            throw new InputException(
                "%s, line %d: is no line of metrics".formatted(file, i + 1), e);
          }
        }
      }
      return lines;
    } catch (NoSuchFileException e) {
      return lines;
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** How long all steps took. */
  double seconds() throws IOException {
    List<Line> lines = read();
    return lines.isEmpty() ? 0 : lines.getLast().seconds;
  }

  private static Line parse(String text) {
    if (!(JsonValues.read(text.getBytes(StandardCharsets.UTF_8)) instanceof Map<?, ?> fields)) {
      throw new IllegalArgumentException(text);
    }
    return new Line(
        (long) number(fields, "step"),
        number(fields, "loss"),
        number(fields, "accuracy"),
        number(fields, "learning_rate"),
        number(fields, "gradient_norm"),
        number(fields, "tokens_per_second"),
        number(fields, "seconds"),
        seen(fields));
  }

  private static Seen seen(Map<?, ?> fields) {
    String sample = fields.get(SAMPLE) instanceof String text ? text : null;
    boolean measured = fields.containsKey(LOSS);
    return measured || sample != null
        ? new Seen(
            optional(fields, LOSS), optional(fields, ACCURACY), optional(fields, BITS), sample)
        : null;
  }

  private static double optional(Map<?, ?> fields, String name) {
    return fields.containsKey(name) ? number(fields, name) : Double.NaN;
  }

  private static double number(Map<?, ?> fields, String name) {
    if (fields.get(name) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("there is no number " + name);
  }
}
