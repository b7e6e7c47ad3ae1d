package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.model.InitialWeights;
import aviary.model.WeightType;
import aviary.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    RandomModel finch = RandomModels.programs().getLast();
    model = folder.resolve("finch.safetensors");
    InitialWeights weights = new InitialWeights(finch.config(), 1);
    SafetensorsWriter.write(model, weights.metadata(), weights.entries(WeightType.BF16));
  }

  private Plan plan(List<WeightType> types, int repetitions) {
    return new Plan(
        types.stream().<Subject>map(type -> new Subject.File(model, type)).toList(),
        List.of("cpu"),
        List.of(1),
        List.of(8, 0),
        List.of(4),
        List.of(1, 3),
        List.of(0, 16),
        repetitions,
        0);
  }

  /** Keeps what it hears, and stops after so many numbers. */
  private static final class Ears implements Bench.Listener {
    final List<Measurement> heard = new ArrayList<>();
    final int enough;

    Ears(int enough) {
      this.enough = enough;
    }

    @Override
    public void next(String what, int done, int all) {
      assertTrue(done <= all, () -> done + " of " + all);
    }

    @Override
    public void measured(Measurement measurement) {
      heard.add(measurement);
    }

    Run run(Plan plan) throws IOException {
      return new Bench(plan, null, this, () -> heard.size() >= enough).run("test", "now");
    }
  }

  @Test
  void everythingIsMeasuredWithEverything() throws IOException {
    Ears ears = new Ears(Integer.MAX_VALUE);
    Run run = ears.run(plan(List.of(WeightType.F32, WeightType.Q8_0), 2));
    List<String> tests =
        List.of(
            "load",
            "first token",
            "pp8",
            "tg4",
            "tg4x3",
            "pp8@d16",
            "tg4@d16",
            "tg4x3@d16",
            "memory");
    List<String> twice = new ArrayList<>(tests);
    twice.addAll(tests);
    assertEquals(twice, run.measurements().stream().map(Measurement::test).toList());
    assertEquals(run.measurements(), ears.heard);
    for (Measurement m : run.measurements()) {
      assertTrue(m.mean() > 0, m::toString);
      if (m.unit().equals("t/s")) {
        assertEquals(2, m.samples().size());
        assertTrue(m.limit() > 0, m::toString);
        assertTrue(m.share() < 1.5, m::toString);
      }
    }
    assertEquals(2, run.limits().size());
    assertEquals(2, run.environment().models().size());
    assertTrue(run.environment().devices().containsKey("cpu"));
  }

  @Test
  void whatWasMeasuredBeforeAStopIsKept() throws IOException {
    Run run = new Ears(3).run(plan(List.of(WeightType.F32), 1));
    assertEquals(
        List.of("load", "first token", "pp8"),
        run.measurements().stream().map(Measurement::test).limit(3).toList());
    assertTrue(
        run.measurements().stream().noneMatch(m -> m.unit().equals("t/s") && m.generated() > 0));
  }

  @Test
  void aReportHasAPageWithItsChartsAndTheNumbers() throws IOException {
    Run run =
        Runs.of(
            Runs.measurement("bf16", "cpu", "pp512", 100, 120),
            Runs.measurement("bf16", "cpu", "tg128", 30),
            Runs.measurement("bf16", "cpu", "tg128x4", 80),
            Runs.measurement("bf16", "tornado:0:0", "tg128", 300));
    Path report = folder.resolve("report");
    Report.require(report);
    Report.write(report, run);
    assertEquals(run, BenchFile.read(report.resolve("bench.json")));
    String page = Files.readString(report.resolve("index.html"));
    assertTrue(page.contains("a &lt;processor> &amp; more"), "text is escaped");
    assertTrue(page.contains("tornado:0:0"));
    List<String> charts = List.of("prefill", "decode", "limits", "sequences");
    for (String chart : charts) {
      assertEquals(900, ImageIO.read(report.resolve(chart + ".png").toFile()).getWidth(), chart);
      assertTrue(page.contains("<img alt=\"" + chart + "\" src=\"data:image/png;base64,"), chart);
    }
    try (var files = Files.list(report)) {
      assertEquals(charts.size() + 2, files.count());
    }
  }

  @Test
  void aFolderThatCannotBeIsRefused() {
    Path inFile = model.resolve("report");
    String message = assertThrows(InputException.class, () -> Report.require(inFile)).getMessage();
    assertTrue(message.startsWith(inFile + ": the folder for the report cannot be made"), message);
  }

  @ParameterizedTest
  @CsvSource({"-1, 4, 1, 1, -p -1", "8, 4, 0, 1, --batch-size 0", "8, 4, 1, 0, -r 0"})
  void numbersThatMakeNoSenseAreNamed(int p, int n, int batch, int r, String named) {
    String message =
        assertThrows(
                InputException.class,
                () ->
                    new Plan(
                        List.of(new Subject.File(model, null)),
                        List.of("cpu"),
                        List.of(0),
                        List.of(p),
                        List.of(n),
                        List.of(batch),
                        List.of(0),
                        r,
                        0))
            .getMessage();
    assertTrue(message.startsWith(named + ": it has to be"), message);
  }

  @Test
  void aShapeThatNobodyPublishedIsRefused() {
    String message =
        assertThrows(InputException.class, () -> new Subject.Shape("finch-9b", WeightType.BF16))
            .getMessage();
    assertTrue(message.contains("finch-7b"), message);
  }
}
