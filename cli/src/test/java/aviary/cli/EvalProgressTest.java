package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvalProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long seconds;

  private EvalProgress progress(long documents) {
    return progress(documents, "documents");
  }

  private EvalProgress progress(long documents, String unit) {
    return new EvalProgress(
        new PrintStream(err, true, StandardCharsets.UTF_8),
        documents,
        unit,
        false,
        () -> seconds * 1_000_000_000L);
  }

  private List<String> lines() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void whereThereIsNoTerminalThereIsALineEveryHalfMinute() {
    EvalProgress progress = progress(1000);
    // 100 were kept from a run that was cut off.
    progress.documents("piqa", 100, 100, 1000);
    for (seconds = 1; seconds <= 75; seconds++) {
      progress.tokens(20 * seconds);
      if (seconds == 40) {
        progress.documents("piqa", 160, 100, 1000);
      }
    }
    assertEquals(
        List.of(
            "aviary: eval: 100 of 1000 documents, 600 tokens, 20.0 tokens/s",
            "aviary: eval: 160 of 1000 documents, 1200 tokens, 20.0 tokens/s, 14 min left"),
        lines());
  }

  @Test
  void whatIsCountedHasItsName() {
    EvalProgress progress = progress(10, "examples");
    progress.documents("mqar", 5, 0, 10);
    seconds = 10;
    progress.end(100);
    assertEquals(
        List.of("5 examples in 10.0 s, 0.5 examples/s; 100 tokens, 10.0 tokens/s"), lines());
  }

  @Test
  void textsThatNobodyHasCountedAreToldInTokens() {
    EvalProgress progress = progress(-1);
    seconds = 31;
    progress.tokens(62);
    assertEquals(List.of("aviary: eval: 62 tokens, 2.0 tokens/s"), lines());
  }
}
