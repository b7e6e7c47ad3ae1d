package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.training.Loss;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrainingLinesTest {

  @Test
  void aboutEveryMinuteALineIsTold() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    AtomicLong nanos = new AtomicLong();
    TrainingLines lines =
        new TrainingLines(
            new PrintStream(err, true, StandardCharsets.UTF_8),
            100,
            nanos::get,
            Double.POSITIVE_INFINITY,
            loss -> "");
    // A step takes 25 seconds, and 100 were done before.
    for (long step = 101; step <= 106; step++) {
      nanos.addAndGet(25_000_000_000L);
      lines.step(step, 112, new Loss(5, 2, 1), 1234);
    }
    assertEquals(
        """
        aviary: step 103 of 112, loss 2.500, 1234 tokens/s, 4 min left
        aviary: step 106 of 112, loss 2.500, 1234 tokens/s, 3 min left
        """,
        err.toString(StandardCharsets.UTF_8));
  }
}
