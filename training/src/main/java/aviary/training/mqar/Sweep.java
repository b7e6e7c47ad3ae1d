package aviary.training.mqar;

import aviary.InputException;
import aviary.evaluation.compare.Charts;
import aviary.evaluation.compare.Charts.Line;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A folder with the results of many trainings: {@code results.jsonl} with a line each, and the
 * table and the plot that are made of it.
 */
public final class Sweep {
  private static final String HEAD =
      """
      | model | layers | width | head size | T | P | learning rate | seed | batch | steps | minutes | accuracy |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      """;

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
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + ": is a file; name a folder");
    }
    Files.createDirectories(folder);
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        results.add(parse(lines.get(i), i + 1));
      }
    } catch (NoSuchFileException e) {
      // Then nothing has been done yet.
    }
  }

  private SweepResult parse(String line, int number) {
    try {
      return SweepResult.parse(line);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s, line %d: is no result of a sweep: %s".formatted(file, number, e.getMessage()), e);
    }
  }

  /** All results, in the order in which they came. */
  public List<SweepResult> results() {
    return List.copyOf(results);
  }

  /** Whether there is a result of the cell. */
  public boolean has(SweepCell cell) {
    return results.stream().anyMatch(result -> result.cell().equals(cell));
  }

  /**
   * Trains the cells that have no result yet. Each result is kept as it comes, and table and plot
   * are made anew.
   *
   * @param begins hears of each cell that is trained
   * @return whether all are done; if not, somebody wanted to stop
   * @throws InputException if there can be no such training; then none was begun
   */
  public boolean run(List<SweepCell> cells, CellTrainer trainer, Consumer<SweepCell> begins)
      throws IOException {
    cells.forEach(trainer::require);
    for (SweepCell cell : cells) {
      if (has(cell)) {
        continue;
      }
      begins.accept(cell);
      Optional<SweepResult> result = trainer.train(cell);
      if (result.isEmpty()) {
        return false;
      }
      add(result.get());
    }
    return true;
  }

  /** Adds a result, and makes table and plot anew. */
  void add(SweepResult result) throws IOException {
    results.add(result);
    String lines = results.stream().map(SweepResult::json).collect(Collectors.joining("\n"));
    WholeFile.write(file, (lines + "\n").getBytes(StandardCharsets.UTF_8));
    WholeFile.write(folder.resolve("table.md"), table().getBytes(StandardCharsets.UTF_8));
    List<Line> curves = lines();
    if (!curves.isEmpty()) {
      WholeFile.write(
          folder.resolve("accuracy.png"),
          Charts.shares("MQAR, the best training of each width", "width", "accuracy", curves));
    }
  }

  /** All results, as Markdown. */
  public String table() {
    StringBuilder table = new StringBuilder(HEAD);
    results.stream()
        .sorted(
            Comparator.comparing((SweepResult r) -> r.cell().length())
                .thenComparing(r -> r.cell().pairs())
                .thenComparing(r -> r.cell().arch())
                .thenComparing(r -> r.cell().layers())
                .thenComparing(r -> r.cell().width())
                .thenComparing(r -> r.cell().learningRate())
                .thenComparing(r -> r.cell().seed())
                .thenComparing(SweepResult::steps))
        .forEach(result -> table.append(row(result)));
    return table.toString();
  }

  private static String row(SweepResult result) {
    SweepCell cell = result.cell();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %d | %d | %s | %d | %d | %d | %.1f | %s |\n",
        cell.arch(),
        cell.layers(),
        cell.width(),
        cell.headSize(),
        cell.length(),
        cell.pairs(),
        cell.learningRate(),
        cell.seed(),
        cell.batch(),
        result.steps(),
        result.seconds() / 60,
        result.accuracy().isPresent()
            ? String.format(Locale.ROOT, "%.4f", result.accuracy().getAsDouble())
            : "diverged");
  }

  /** Accuracy over width: a line for each model and task, of the best training of each width. */
  List<Line> lines() {
    Map<String, TreeMap<Double, Double>> lines = new TreeMap<>();
    for (SweepResult result : results) {
      result
          .accuracy()
          .ifPresent(accuracy ->
              lines
                  .computeIfAbsent(result.cell().line(), _ -> new TreeMap<>())
                  .merge((double) result.cell().width(), accuracy, Math::max));
    }
    List<Line> all = new ArrayList<>();
    lines.forEach((name, points) ->
        all.add(new Line(name, List.copyOf(points.keySet()), List.copyOf(points.values()))));
    return all;
  }
}
