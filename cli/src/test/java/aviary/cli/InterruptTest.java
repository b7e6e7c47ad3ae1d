package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptTest {
  /** Shells make what they run in the background deaf to Ctrl-C, and the JVM keeps to that. */
  static void assumeSignalsArrive() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "no way to know whether Ctrl-C is ignored here");
    String ignored =
        Files.readString(status)
            .lines()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    long signals = Long.parseUnsignedLong(ignored.replaceFirst("SigIgn:\\s*", ""), 16);
    assumeTrue((signals & 2) == 0, "Ctrl-C is ignored here");
  }

  /** Does to a process what Ctrl-C does. */
  static void interrupt(long pid) throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(pid)).start().waitFor();
  }

  @Test
  void theFirstIsAskedForAndTheSecondDoesWhatItDidBefore() throws Exception {
    assumeSignalsArrive();
    CountDownLatch asBefore = new CountDownLatch(1);
    Object before = Signals.register("INT", asBefore::countDown);
    try (Interrupt interrupt = new Interrupt()) {
      assertFalse(interrupt.asked());
      interrupt(ProcessHandle.current().pid());
      while (!interrupt.asked()) {
        Thread.sleep(5);
      }
      assertTrue(asBefore.getCount() == 1, "only it has heard of the first");
      while (!asBefore.await(200, TimeUnit.MILLISECONDS)) {
        interrupt(ProcessHandle.current().pid());
      }
    } finally {
      Signals.unregister("INT", before);
    }
  }

  /** As the timeout command sends it: to a program, and to all of its group. */
  @Test
  void whatComesAtOnceAfterTheFirstIsTheSame() throws Exception {
    assumeSignalsArrive();
    CountDownLatch asBefore = new CountDownLatch(1);
    Object before = Signals.register("INT", asBefore::countDown);
    try (Interrupt interrupt = new Interrupt(60_000, "INT")) {
      interrupt(ProcessHandle.current().pid());
      while (!interrupt.asked()) {
        Thread.onSpinWait();
      }
      interrupt(ProcessHandle.current().pid());
      assertFalse(asBefore.await(300, TimeUnit.MILLISECONDS));
    } finally {
      Signals.unregister("INT", before);
    }
  }

  @Test
  void afterwardsItIsAsItWas() throws Exception {
    assumeSignalsArrive();
    CountDownLatch asBefore = new CountDownLatch(1);
    Object before = Signals.register("INT", asBefore::countDown);
    try {
      Interrupt interrupt = new Interrupt();
      interrupt.close();
      interrupt(ProcessHandle.current().pid());
      assertTrue(asBefore.await(30, TimeUnit.SECONDS));
      assertFalse(interrupt.asked());
    } finally {
      Signals.unregister("INT", before);
    }
  }
}
