package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BusyProcessTest {

  @Test
  void itsThreadsUseProcessorTimeUntilItIsClosed() throws Exception {
    BusyProcess busy = BusyProcess.start(2);
    try (busy) {
      Duration before = busy.processorTime();
      while (busy.processorTime().minus(before).toMillis() < 200) {
        assertTrue(busy.isAlive());
        Thread.sleep(20);
      }
    }
    assertFalse(busy.isAlive());
  }

  /** As when the process that started it is killed. */
  @Test
  void itEndsWhenNobodyHoldsItsInput() throws IOException, InterruptedException {
    try (BusyProcess busy = BusyProcess.start(1)) {
      busy.closeInput();
      while (busy.isAlive()) {
        Thread.sleep(20);
      }
    }
  }

  @Test
  void aSpeedBesideItIsAFractionOfTheSpeedAlone() {
    Measurement quiet = Runs.measurement("bf16", "cpu", "tg128", 90, 110);
    Measurement busy = quiet.beside(3, Runs.measurement("bf16", "cpu", "tg128", 50, 60));
    assertEquals("tg128 beside 3", busy.test().name());
    assertEquals(3, busy.test().beside());
    assertEquals(0.55, busy.share(), 1e-12);
    assertEquals("0.55 of quiet", Tables.share(busy));
  }
}
