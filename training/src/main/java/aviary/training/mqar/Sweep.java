package aviary.training.mqar;

import aviary.InputException;
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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * A folder with the results of many trainings: {@code results.jsonl} with a line each, and the
 * table and the plot that are made of it.
 */
public final class Sweep {
  private static final String HEAD =
      """
      | model | layers | width | head size | V | T | P | examples | epochs | test examples | batch | learning rate | seed | steps | minutes | accuracy |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      """;

  private static final String TABLE = "table.md";
  private static final String PLOT = "accuracy.png";

  private final Path folder;
  private final Path file;
  private final List<SweepResult> results = new ArrayList<>();
  private String note;

  /**
   * Reads what is there. A last line that was cut off counts as none; its training is done again.
   *
   * @param folder made with the first result, if it is not there
   * @throws InputException if the results are not ones of a sweep, or there are files that a sweep
   *     would overwrite
   */
  public Sweep(Path folder) throws IOException {
    this.folder = folder;
    file = folder.resolve("results.jsonl");
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + ": is a file; name a folder");
    }
    try {
      String text = Files.readString(file);
      List<String> lines = text.lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        add(lines.get(i), i + 1, i == lines.size() - 1 && !text.endsWith("\n"));
      }
    } catch (NoSuchFileException e) {
      // Then nothing has been done yet.
      for (String made : List.of(TABLE, PLOT)) {
        if (Files.exists(folder.resolve(made))) {
          throw new InputException(
              "%s: exists, and there is no results.jsonl beside it, so that a sweep here would"
                      .formatted(folder.resolve(made))
                  + " overwrite it; name another --output, or move it");
        }
      }
    }
  }

  private void add(String line, int number, boolean open) {
    try {
      results.add(SweepResult.parse(line));
    } catch (IllegalArgumentException e) {
      if (open && e.getCause() instanceof JacksonException) {
        note = "%s, line %d: was cut off, and counts as none".formatted(file, number);
        return;
      }
      throw new InputException(
          "%s, line %d: is no result of a sweep: %s".formatted(file, number, e.getMessage()), e);
    }
  }

  /** What is to be told of the file that was read. */
  public Optional<String> note() {
    return Optional.ofNullable(note);
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
    Files.createDirectories(folder);
    String lines = results.stream().map(SweepResult::json).collect(Collectors.joining("\n"));
    WholeFile.write(file, (lines + "\n").getBytes(StandardCharsets.UTF_8));
    WholeFile.write(folder.resolve(TABLE), table().getBytes(StandardCharsets.UTF_8));
    SweepPlot plot = SweepPlot.of(results);
    if (!plot.lines().isEmpty()) {
      WholeFile.write(folder.resolve(PLOT), plot.png());
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
                .thenComparing(r -> r.cell().vocabulary())
                .thenComparing(r -> r.cell().examples())
                .thenComparing(r -> r.cell().epochs())
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
        "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s | %d | %d | %.1f | %s |\n",
        cell.arch(),
        cell.layers(),
        cell.width(),
        cell.headSize(),
        cell.vocabulary(),
        cell.length(),
        cell.pairs(),
        cell.examples(),
        cell.epochs(),
        cell.testExamples(),
        cell.batch(),
        cell.learningRate(),
        cell.seed(),
        result.steps(),
        result.seconds() / 60,
        result.accuracy().isPresent()
            ? String.format(Locale.ROOT, "%.4f", result.accuracy().getAsDouble())
            : "diverged");
  }
}
