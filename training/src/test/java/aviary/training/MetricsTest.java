package aviary.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.InputException;
import aviary.training.Metrics.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  @TempDir Path folder;
  private Path file;
  private Metrics metrics;

  @BeforeEach
  void open() {
    file = folder.resolve("metrics.jsonl");
    metrics = new Metrics(file);
  }

  private static Line line(long step) {
    return new Line(step, 2.5, 0.25, 1e-3, 0.5, 1000, step * 0.5, null);
  }

  @Test
  void linesAreReadAsTheyWereWritten() throws IOException {
    metrics.add(line(1));
    metrics.add(line(2));
    assertEquals(List.of(line(1), line(2)), metrics.read());
  }

  @Test
  void whatWasSeenOfAStepIsKeptWithIt() throws IOException {
    List<Line> lines =
        List.of(
            seen(1, new Metrics.Seen(2.25, 0.5, 3.125, null)),
            seen(2, new Metrics.Seen(2.25, 0.5, Double.NaN, "so \"it\"\n\u0001 goes é")),
            seen(3, new Metrics.Seen(Double.NaN, Double.NaN, Double.NaN, "")),
            line(4));
    for (Line line : lines) {
      metrics.add(line);
    }
    assertEquals(lines, metrics.read());
    metrics.keep(3);
    assertEquals(lines.subList(0, 3), metrics.read());
  }

  private static Line seen(long step, Metrics.Seen seen) {
    return new Line(step, 2.5, 0.25, 1e-3, 0.5, 1000, step * 0.5, seen);
  }

  @Test
  void stepsBehindACheckpointAreForgotten() throws IOException {
    for (long step = 1; step <= 5; step++) {
      metrics.add(line(step));
    }
    metrics.keep(3);
    assertEquals(List.of(line(1), line(2), line(3)), metrics.read());
  }

  /** What is left where somebody is killed while writing. */
  @Test
  void aLastLineThatIsCutOffCountsAsNone() throws IOException {
    metrics.add(line(1));
    Files.writeString(file, "{\"step\": 2, \"lo", StandardOpenOption.APPEND);
    assertEquals(List.of(line(1)), metrics.read());
  }

  @Test
  void anotherLineThatIsNoneIsNamed() throws IOException {
    Files.writeString(file, "something else\n");
    metrics.add(line(1));
    InputException e = assertThrows(InputException.class, metrics::read);
    assertTrue(e.getMessage().contains("metrics.jsonl, line 1: "), e.getMessage());
  }

  @Test
  void aFullDiskIsToldWithTheFile() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "only Linux has a device that is always full");
    IOException e = assertThrows(IOException.class, () -> new Metrics(full).add(line(1)));
    assertTrue(e.getMessage().startsWith("/dev/full: cannot be written: "), e.getMessage());
  }
}
