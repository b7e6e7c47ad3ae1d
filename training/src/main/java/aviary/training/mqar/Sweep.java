package aviary.training.mqar;

import aviary.InputException;
import aviary.safetensors.WholeFile;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A folder with the results of many trainings: {@code results.jsonl} with a line each, and the
 * table and the plot that are made of it.
 */
public final class Sweep {
  private final Path folder;
  private final Path file;
  private final List<SweepResult> results = new ArrayList<>();

  /**
   * Reads what is there.
   *
   * @param folder made if it is not there
   * @throws InputException if the results are not ones of a sweep
   */
  public Sweep(Path folder) throws IOException {
    this.folder = folder;
    file = folder.resolve("results.jsonl");
    Files.createDirectories(folder);
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        try {
          results.add(parse(lines.get(i)));
        } catch (JacksonException | IllegalArgumentException e) {
          throw new InputException(
              "%s, line %d: is no result of a sweep".formatted(file, i + 1), e);
        }
      }
    } catch (NoSuchFileException e) {
      // Then nothing has been done yet.
    }
  }

  /** Whether there is a result of the cell. */
  public boolean has(SweepCell cell) {
    return results.stream().anyMatch(result -> result.cell().equals(cell));
  }

  /** Adds a result, and makes table and plot anew. */
  public void add(SweepResult result) throws IOException {
    Files.writeString(
        file,
        result.json() + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    results.add(result);
    WholeFile.write(folder.resolve("table.md"), table().getBytes(StandardCharsets.UTF_8));
    WholeFile.write(folder.resolve("accuracy.png"), plot());
  }

  /** All results, as Markdown. */
  public String table() {
    StringBuilder table =
        new StringBuilder(
            "| model | layers | width | head size | T | P | learning rate | steps | seed | minutes | accuracy |\n"
                + "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    results.stream()
        .sorted(
            Comparator.comparing((SweepResult r) -> r.cell().length())
                .thenComparing(r -> r.cell().pairs())
                .thenComparing(r -> r.cell().arch())
                .thenComparing(r -> r.cell().width())
                .thenComparing(r -> r.cell().learningRate()))
        .forEach(r ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %d | %s | %d | %d | %.1f | %.4f |\n",
                    r.cell().arch(),
                    r.cell().layers(),
                    r.cell().width(),
                    r.headSize(),
                    r.cell().length(),
                    r.cell().pairs(),
                    r.cell().learningRate(),
                    r.steps(),
                    r.seed(),
                    r.seconds() / 60,
                    r.accuracy())));
    return table.toString();
  }

  /** Accuracy over width, the best of all learning rates: a line for each model and task. */
  private byte[] plot() throws IOException {
    // There is no screen to draw on, nor need there be.
    System.setProperty("java.awt.headless", "true");
    Map<String, TreeMap<Integer, Double>> lines = new LinkedHashMap<>();
    for (SweepResult result : results) {
      lines
          .computeIfAbsent(result.cell().line(), _ -> new TreeMap<>())
          .merge(result.cell().width(), result.accuracy(), Math::max);
    }
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(480)
            .title("MQAR")
            .xAxisTitle("width")
            .yAxisTitle("accuracy")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    lines.forEach((name, points) ->
        chart.addSeries(
            name,
            points.keySet().stream().mapToDouble(Integer::doubleValue).toArray(),
            points.values().stream().mapToDouble(Double::doubleValue).toArray()));
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", out);
      return out.toByteArray();
    } catch (InternalError | NullPointerException | UnsatisfiedLinkError e) {
      // What the JDK does where the system has no fonts.
      throw new IOException(
          "plots need fonts, which this system has not: install fontconfig and a font", e);
    }
  }

  private static SweepResult parse(String line) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          fields.put(parser.currentName(), parser.getString());
        }
      }
    }
    SweepCell cell =
        new SweepCell(
            field(fields, "arch"),
            Integer.parseInt(field(fields, "layers")),
            Integer.parseInt(field(fields, "width")),
            Integer.parseInt(field(fields, "length")),
            Integer.parseInt(field(fields, "pairs")),
            Double.parseDouble(field(fields, "learning_rate")));
    return new SweepResult(
        cell,
        Integer.parseInt(field(fields, "head_size")),
        Long.parseLong(field(fields, "steps")),
        Long.parseLong(field(fields, "seed")),
        Double.parseDouble(field(fields, "seconds")),
        Double.parseDouble(field(fields, "accuracy")));
  }

  private static String field(Map<String, String> fields, String name) {
    String field = fields.get(name);
    if (field == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return field;
  }
}
