package aviary.evaluation.position;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.compare.Charts;
import aviary.evaluation.compare.Charts.Series;
import aviary.evaluation.compare.HtmlPage;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.output.MarkdownTable;
import aviary.evaluation.output.ShownNumber;
import aviary.evaluation.position.PositionLosses.Range;
import aviary.evaluation.scoring.LogSoftmax;
import aviary.evaluation.text.TextFile;
import aviary.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The loss by position of the Eagle and Finch paper: a model that uses a long context expects a
 * token the better the more it has seen.
 */
public final class LossByPosition {
  /** How many tokens a text runs at once. */
  private static final int STEP = 256;

  /** How much memory the logits of a step may take. */
  private static final long MOST_LOGITS_BYTES = 64L << 20;

  private final Engine engine;
  private final Tokenizer tokenizer;
  private final LongConsumer tokensDone;
  private final PositionLosses losses = new PositionLosses();
  private int texts;
  private long tokens;

  /**
   * @param tokensDone is told how many tokens have been run in all
   */
  public LossByPosition(Engine engine, Tokenizer tokenizer, LongConsumer tokensDone) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.tokensDone = tokensDone;
  }

  /**
   * Opens a file of texts, and looks whether there is one.
   *
   * @param file Parquet or JSON Lines with a column {@code text}, or a text
   * @throws InputException if there is no text
   */
  public static TextFile open(Path file) throws IOException {
    TextFile texts = new TextFile(file, null, false);
    try {
      if (!texts.hasText()) {
        throw noText(file);
      }
      return texts;
    } catch (Throwable e) {
      texts.close();
      throw e;
    }
  }

  private static InputException noText(Path file) {
    return new InputException(file + ": there is no text in it");
  }

  /**
   * Runs the texts of a file.
   *
   * @param reader the file, which stays open
   * @param mostTexts how many texts at most; null for all
   * @param mostTokens how many tokens of each at most; 0 for all
   * @throws InputException if there is no text
   */
  public void run(TextFile reader, Double mostTexts, int mostTokens) throws IOException {
    for (byte[] text = reader.next(); text != null; text = reader.next()) {
      if (mostTexts != null && texts >= mostTexts) {
        break;
      }
      run(tokenizer.encode(text), mostTokens);
      texts++;
    }
    if (losses.ranges().isEmpty()) {
      throw noText(reader.file());
    }
  }

  private void run(int[] text, int mostTokens) {
    int count = mostTokens == 0 ? text.length : Math.min(text.length, mostTokens);
    int[] inputs = new int[count];
    if (count > 0) {
      inputs[0] = tokenizer.endOfText();
      System.arraycopy(text, 0, inputs, 1, count - 1);
    }
    long row = (long) Float.BYTES * engine.config().vocabulary();
    int step = Math.clamp(MOST_LOGITS_BYTES / row, 1, STEP);
    try (State state = engine.newState()) {
      for (int from = 0; from < count; from += step) {
        int to = Math.min(from + step, count);
        int[] piece = Arrays.copyOfRange(inputs, from, to);
        Logits logits = engine.forward(Batch.of(Batch.Sequence.all(state, piece)));
        for (int i = from; i < to; i++) {
          losses.add(i + 1, -LogSoftmax.of(logits.row(i - from)).of(text[i]));
        }
        tokens += to - from;
        tokensDone.accept(tokens);
      }
    }
  }

  /** How many texts were run. */
  public int texts() {
    return texts;
  }

  /** How many tokens were run. */
  public long tokens() {
    return tokens;
  }

  /** The losses as a table. */
  public String table() {
    List<List<String>> rows = new ArrayList<>();
    for (Range range : losses.ranges()) {
      rows.add(
          List.of(
              range.from() + "-" + range.to(),
              Long.toString(range.tokens()),
              ShownNumber.of(range.mean()),
              "±",
              Double.isNaN(range.standardError())
                  ? "   N/A"
                  : ShownNumber.of(range.standardError())));
    }
    return MarkdownTable.of(List.of("Position", "Tokens", "Loss", "", "Stderr"), rows);
  }

  /** The losses as JSON: a list of ranges. */
  public String json(String model) {
    List<Object> ranges = new ArrayList<>();
    for (Range range : losses.ranges()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("from", range.from());
      fields.put("to", range.to());
      fields.put("tokens", range.tokens());
      fields.put("loss", range.mean());
      fields.put("loss_stderr", Double.isNaN(range.standardError()) ? null : range.standardError());
      ranges.add(fields);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model_name", model);
    all.put("texts", (long) texts);
    all.put("loss_by_position", ranges);
    return PythonJson.indented(all) + "\n";
  }

  /** A page with the losses as a plot. */
  public void report(String model, Path file) throws IOException {
    List<Range> ranges = losses.ranges();
    Series series =
        new Series(
            model,
            ranges.stream().map(Range::mean).toList(),
            ranges.stream()
                .map(range -> Double.isNaN(range.standardError()) ? 0 : range.standardError())
                .toList());
    double[] places =
        ranges.stream()
            .mapToDouble(range -> Math.sqrt((double) range.from() * range.to()))
            .toArray();
    new HtmlPage("Loss by position of " + model)
        .picture(
            "loss by position",
            Charts.curves(
                "Loss by position", "position in the text", "loss (nats)", places, List.of(series)))
        .preformatted(table())
        .write(file);
  }
}
