package aviary.training.mqar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.compare.Charts.Line;
import aviary.training.TrainingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  @TempDir private Path folder;

  private static SweepCell cell(String arch, int width, double rate, long seed) {
    return new SweepCell(arch, 1, width, 8, 40, 8, 1, 64, 16, 1, rate, seed);
  }

  /** Gives results by a rule, and remembers what it was asked for. */
  private static final class Rule implements CellTrainer {
    final List<String> trained = new ArrayList<>();
    int most = Integer.MAX_VALUE;

    @Override
    public void require(SweepCell cell) {
      if (cell.width() % 8 != 0) {
        throw new InputException("width " + cell.width());
      }
    }

    @Override
    public Optional<SweepResult> train(SweepCell cell) {
      if (trained.size() == most) {
        return Optional.empty();
      }
      trained.add(cell.arch() + cell.width());
      boolean diverges = cell.learningRate() > 0.1;
      return Optional.of(
          new SweepResult(
              cell,
              diverges ? 2 : 4,
              90,
              diverges ? OptionalDouble.empty() : OptionalDouble.of(cell.width() / 100.0)));
    }
  }

  private static final List<SweepCell> CELLS =
      List.of(
          cell("finch", 8, 0.01, 1),
          cell("finch", 8, 0.5, 1),
          cell("finch", 16, 0.01, 1),
          cell("eagle", 16, 0.01, 1));

  @Test
  void resultsAreKeptAsTheyComeAndNothingIsDoneTwice() throws IOException {
    Rule rule = new Rule();
    rule.most = 2;
    assertFalse(new Sweep(folder).run(CELLS, rule, _ -> {}));
    assertEquals(List.of("finch8", "finch8"), rule.trained);
    assertEquals(2, Files.readAllLines(folder.resolve("results.jsonl")).size());
    rule.most = 10;
    List<String> begun = new ArrayList<>();
    Sweep sweep = new Sweep(folder);
    assertTrue(sweep.run(CELLS, rule, its -> begun.add(its.arch() + its.width())));
    assertEquals(List.of("finch16", "eagle16"), begun);
    assertEquals(4, rule.trained.size());
    assertEquals(sweep.results(), new Sweep(folder).results());
    assertTrue(new Sweep(folder).run(CELLS, rule, _ -> {}));
    assertEquals(4, rule.trained.size());
  }

  /** Otherwise results of other trainings would be taken for those that are asked for. */
  @Test
  void aCellThatDiffersInAnythingIsAnother() throws IOException {
    Sweep sweep = new Sweep(folder);
    sweep.run(CELLS, new Rule(), _ -> {});
    assertTrue(sweep.has(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 0.01, 1)));
    for (SweepCell other :
        List.of(
            new SweepCell("finch", 2, 8, 8, 40, 8, 1, 64, 16, 1, 0.01, 1),
            new SweepCell("finch", 1, 8, 4, 40, 8, 1, 64, 16, 1, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 41, 8, 1, 64, 16, 1, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 65, 16, 1, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 32, 1, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 2, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 0.01, 2))) {
      assertFalse(sweep.has(other), other.name());
      assertFalse(CELLS.stream().anyMatch(its -> its.name().equals(other.name())), other.name());
    }
  }

  @Test
  void theTableHasARowForEachTraining() throws IOException {
    Sweep sweep = new Sweep(folder);
    sweep.run(CELLS, new Rule(), _ -> {});
    List<String> rows = sweep.table().lines().skip(2).toList();
    assertEquals(
        List.of(
            "| eagle | 1 | 16 | 8 | 8 | 1 | 0.01 | 1 | 16 | 4 | 1.5 | 0.1600 |",
            "| finch | 1 | 8 | 8 | 8 | 1 | 0.01 | 1 | 16 | 4 | 1.5 | 0.0800 |",
            "| finch | 1 | 8 | 8 | 8 | 1 | 0.5 | 1 | 16 | 2 | 1.5 | diverged |",
            "| finch | 1 | 16 | 8 | 8 | 1 | 0.01 | 1 | 16 | 4 | 1.5 | 0.1600 |"),
        rows);
    assertEquals(sweep.table(), Files.readString(folder.resolve("table.md")));
  }

  @Test
  void thePlotHasTheBestOfEachWidth() throws IOException {
    Sweep sweep = new Sweep(folder);
    sweep.run(CELLS, new Rule(), _ -> {});
    sweep.add(new SweepResult(cell("finch", 16, 0.02, 1), 4, 60, OptionalDouble.of(0.05)));
    sweep.add(new SweepResult(cell("finch", 16, 0.01, 2), 4, 60, OptionalDouble.of(0.9)));
    assertEquals(
        List.of(
            new Line("eagle, layers 1, T 8, P 1", List.of(16.0), List.of(0.16)),
            new Line("finch, layers 1, T 8, P 1", List.of(8.0, 16.0), List.of(0.08, 0.9))),
        sweep.lines());
    assertEquals(900, ImageIO.read(folder.resolve("accuracy.png").toFile()).getWidth());
  }

  @Test
  void cellsThatCannotBeAreNamedBeforeAnyIsTrained() throws IOException {
    Rule rule = new Rule();
    List<SweepCell> cells = new ArrayList<>(CELLS);
    cells.add(cell("finch", 9, 0.01, 1));
    assertThrows(InputException.class, () -> new Sweep(folder).run(cells, rule, _ -> {}));
    assertEquals(List.of(), rule.trained);
    ModelTrainer real = new ModelTrainer(folder, 16, 1, () -> false, TrainingProgress.NONE);
    InputException e =
        assertThrows(InputException.class, () -> real.require(cell("finch", 9, 0.01, 1)));
    assertTrue(
        e.getMessage().matches("finch-l1-w9-.*: the width, 9, is no multiple .*"), e.getMessage());
  }

  @Test
  void filesThatAreNoResultsAreNamedAndStay() throws IOException {
    Path file = folder.resolve("results.jsonl");
    for (String bad :
        List.of("{\"arch\": \"finch\"", "{}", "[1]", "", "{\"arch\": 3, \"accuracy\": 1}")) {
      Files.writeString(file, bad + "\n");
      InputException e = assertThrows(InputException.class, () -> new Sweep(folder));
      assertTrue(e.getMessage().contains("results.jsonl, line 1: is no result"), e.getMessage());
      assertEquals(bad + "\n", Files.readString(file));
    }
    assertThrows(InputException.class, () -> new Sweep(file));
  }

  @Test
  void aDivergingTrainingIsAResultAndTheNextIsTrained() throws IOException {
    Sweep sweep = new Sweep(folder);
    ModelTrainer real = new ModelTrainer(folder, 16, 1, () -> false, TrainingProgress.NONE);
    // So large a rate makes the loss of a few steps many times that of guessing.
    List<SweepCell> cells = List.of(longer(900), longer(0.01));
    assertTrue(sweep.run(cells, real, _ -> {}));
    SweepResult diverged = sweep.results().get(0);
    assertTrue(diverged.accuracy().isEmpty(), diverged::toString);
    assertTrue(diverged.steps() < 40, diverged::toString);
    SweepResult other = sweep.results().get(1);
    assertEquals(40, other.steps());
    assertTrue(other.accuracy().isPresent(), other::toString);
  }

  private static SweepCell longer(double rate) {
    return new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 10, rate, 1);
  }

  @Test
  void aTrainingThatWasStoppedGoesOnAndItsTimeCounts() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    ModelTrainer stopped =
        new ModelTrainer(folder, 16, 1, () -> asked.incrementAndGet() > 25, TrainingProgress.NONE);
    assertFalse(new Sweep(folder).run(List.of(longer(0.01)), stopped, _ -> {}));
    Sweep sweep = new Sweep(folder);
    ModelTrainer real = new ModelTrainer(folder, 16, 1, () -> false, TrainingProgress.NONE);
    assertTrue(sweep.run(List.of(longer(0.01)), real, _ -> {}));
    Path whole = Files.createDirectories(folder.resolve("whole"));
    Sweep other = new Sweep(whole);
    other.run(
        List.of(longer(0.01)),
        new ModelTrainer(whole, 16, 1, () -> false, TrainingProgress.NONE),
        _ -> {});
    assertEquals(other.results().getFirst().accuracy(), sweep.results().getFirst().accuracy());
    List<String> metrics =
        Files.readAllLines(folder.resolve(longer(0.01).name()).resolve("metrics.jsonl"));
    assertEquals(
        seconds(metrics.get(24)) + seconds(metrics.get(39)),
        sweep.results().getFirst().seconds(),
        1e-9);
  }

  private static double seconds(String line) {
    return Double.parseDouble(line.replaceAll(".*\"seconds\": ([0-9.]+)}", "$1"));
  }
}
