package aviary.training.mqar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.compare.Charts.Line;
import aviary.training.TrainingProgress;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  @TempDir private Path folder;

  private static SweepCell cell(String arch, int width, double rate, long seed) {
    return new SweepCell(arch, 1, width, 8, 40, 8, 1, 64, 16, 1, 16, rate, seed);
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
  void aTableOfSomebodyElseIsNotOverwritten() throws IOException {
    Path table = Files.writeString(folder.resolve("table.md"), "precious");
    assertThrows(InputException.class, () -> new Sweep(folder));
    assertEquals("precious", Files.readString(table));
  }

  @Test
  void aSweepThatIsRefusedLeavesNoFolder() throws IOException {
    Path output = folder.resolve("sweep");
    Sweep sweep = new Sweep(output);
    List<SweepCell> cells = List.of(cell("finch", 9, 0.01, 1));
    assertThrows(InputException.class, () -> sweep.run(cells, new Rule(), _ -> {}));
    assertFalse(Files.exists(output));
  }

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
    assertTrue(sweep.has(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 16, 0.01, 1)));
    for (SweepCell other :
        List.of(
            new SweepCell("finch", 2, 8, 8, 40, 8, 1, 64, 16, 1, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 4, 40, 8, 1, 64, 16, 1, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 41, 8, 1, 64, 16, 1, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 65, 16, 1, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 32, 1, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 2, 16, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 17, 0.01, 1),
            new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 16, 0.01, 2))) {
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
            "| eagle | 1 | 16 | 8 | 40 | 8 | 1 | 64 | 1 | 16 | 16 | 0.01 | 1 | 4 | 1.5 | 0.1600 |",
            "| finch | 1 | 8 | 8 | 40 | 8 | 1 | 64 | 1 | 16 | 16 | 0.01 | 1 | 4 | 1.5 | 0.0800 |",
            "| finch | 1 | 8 | 8 | 40 | 8 | 1 | 64 | 1 | 16 | 16 | 0.5 | 1 | 2 | 1.5 | diverged |",
            "| finch | 1 | 16 | 8 | 40 | 8 | 1 | 64 | 1 | 16 | 16 | 0.01 | 1 | 4 | 1.5 | 0.1600 |"),
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
            new Line("finch", List.of(8.0, 16.0), List.of(0.08, 0.9)),
            new Line("eagle", List.of(16.0), List.of(0.16))),
        SweepPlot.of(sweep.results()).lines());
    assertEquals(900, ImageIO.read(folder.resolve("accuracy.png").toFile()).getWidth());
  }

  /** More epochs, or another number of examples, make another result of the same model. */
  @Test
  void aLineOfThePlotIsOfOneSettingAndItsNameSaysWhatDiffers() {
    List<SweepResult> results =
        List.of(
            result(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 16, 0.01, 1), 0.1),
            result(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 2, 16, 0.01, 1), 0.2),
            result(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 128, 16, 1, 16, 0.01, 1), 0.3),
            result(new SweepCell("finch", 1, 8, 8, 41, 8, 1, 64, 16, 1, 16, 0.01, 1), 0.4),
            result(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 32, 1, 16, 0.01, 1), 0.5),
            result(new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 1, 17, 0.01, 1), 0.6));
    SweepPlot plot = SweepPlot.of(results);
    assertEquals(6, plot.lines().size());
    assertEquals(
        "finch, V 40, examples 64, epochs 2, test examples 16, batch 16",
        plot.lines().get(1).name());
    assertEquals("MQAR, layers 1, T 8, P 1: the best training of each width", plot.title());
    SweepPlot two = SweepPlot.of(results.subList(0, 2));
    assertEquals(
        List.of("finch, epochs 1", "finch, epochs 2"),
        two.lines().stream().map(Line::name).toList());
  }

  private static SweepResult result(SweepCell cell, double accuracy) {
    return new SweepResult(cell, 4, 60, OptionalDouble.of(accuracy));
  }

  @Test
  void linesOfTheSamePointsAreAllSeen() throws IOException {
    List<SweepResult> results = new ArrayList<>();
    for (int epochs = 1; epochs <= 3; epochs++) {
      for (int width : List.of(8, 16)) {
        results.add(
            result(
                new SweepCell("finch", 1, width, 8, 40, 8, 1, 64, 16, epochs, 16, 0.01, 1), 0.5));
      }
    }
    SweepPlot plot = SweepPlot.of(results);
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(plot.png()));
    // Above the legend, which has all colours anyway.
    Set<Integer> colours = new HashSet<>();
    for (int y = 40; y < 340; y++) {
      for (int x = 80; x < 880; x++) {
        Color colour = new Color(picture.getRGB(x, y));
        float[] hsb = Color.RGBtoHSB(colour.getRed(), colour.getGreen(), colour.getBlue(), null);
        if (hsb[1] > 0.6) {
          colours.add(Math.round(hsb[0] * 12));
        }
      }
    }
    assertTrue(colours.size() >= 3, colours::toString);
  }

  @Test
  void cellsThatCannotBeAreNamedBeforeAnyIsTrained() throws IOException {
    Rule rule = new Rule();
    List<SweepCell> cells = new ArrayList<>(CELLS);
    cells.add(cell("finch", 9, 0.01, 1));
    assertThrows(InputException.class, () -> new Sweep(folder).run(cells, rule, _ -> {}));
    assertEquals(List.of(), rule.trained);
    ModelTrainer real = new ModelTrainer(folder, 1, () -> false, TrainingProgress.NONE);
    InputException e =
        assertThrows(InputException.class, () -> real.require(cell("finch", 9, 0.01, 1)));
    assertTrue(
        e.getMessage()
            .matches("--arch finch, --width 9, --tasks 8:1: the width, 9, is no multiple .*"),
        e.getMessage());
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

  /** What is left where a disk was full, or a copy was stopped. */
  @Test
  void aLastLineThatWasCutOffIsDoneAgain() throws IOException {
    Path file = folder.resolve("results.jsonl");
    new Sweep(folder).run(CELLS, new Rule(), _ -> {});
    List<SweepResult> all = new Sweep(folder).results();
    assertTrue(new Sweep(folder).note().isEmpty());
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() - 20));
    Sweep sweep = new Sweep(folder);
    assertEquals(all.subList(0, 3), sweep.results());
    String note = sweep.note().orElseThrow();
    assertTrue(note.contains("results.jsonl, line 4: was cut off"), note);
    Rule rule = new Rule();
    assertTrue(sweep.run(CELLS, rule, _ -> {}));
    assertEquals(List.of("eagle16"), rule.trained);
    assertEquals(text, Files.readString(file));
    Files.writeString(file, "{\"arch\": \n" + text);
    assertThrows(InputException.class, () -> new Sweep(folder));
    Files.writeString(file, text + "{}");
    assertThrows(InputException.class, () -> new Sweep(folder));
  }

  @Test
  void aDivergingTrainingIsAResultAndTheNextIsTrained() throws IOException {
    Sweep sweep = new Sweep(folder);
    ModelTrainer real = new ModelTrainer(folder, 1, () -> false, TrainingProgress.NONE);
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
    return new SweepCell("finch", 1, 8, 8, 40, 8, 1, 64, 16, 10, 16, rate, 1);
  }

  @Test
  void aTrainingThatWasStoppedGoesOnAndItsTimeCounts() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    ModelTrainer stopped =
        new ModelTrainer(folder, 1, () -> asked.incrementAndGet() > 25, TrainingProgress.NONE);
    assertFalse(new Sweep(folder).run(List.of(longer(0.01)), stopped, _ -> {}));
    Sweep sweep = new Sweep(folder);
    ModelTrainer real = new ModelTrainer(folder, 1, () -> false, TrainingProgress.NONE);
    assertTrue(sweep.run(List.of(longer(0.01)), real, _ -> {}));
    Path whole = Files.createDirectories(folder.resolve("whole"));
    Sweep other = new Sweep(whole);
    other.run(
        List.of(longer(0.01)),
        new ModelTrainer(whole, 1, () -> false, TrainingProgress.NONE),
        _ -> {});
    assertEquals(other.results().getFirst().accuracy(), sweep.results().getFirst().accuracy());
    List<String> metrics =
        Files.readAllLines(folder.resolve(longer(0.01).name()).resolve("metrics.jsonl"));
    // A step may take less than the hundredths that are written; what was before counts.
    assertTrue(seconds(metrics.get(25)) >= seconds(metrics.get(24)), metrics::toString);
    assertTrue(seconds(metrics.get(24)) > 0, metrics::toString);
    assertEquals(seconds(metrics.get(39)), sweep.results().getFirst().seconds(), 1e-9);
  }

  private static double seconds(String line) {
    return Double.parseDouble(line.replaceAll(".*\"seconds\": ([0-9.]+)}", "$1"));
  }
}
