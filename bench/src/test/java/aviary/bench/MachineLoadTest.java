package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class MachineLoadTest {

  /** User, nice, system, irq, softirq and steal; guests are in user already. */
  @Test
  void idleAndWaitingTimeIsNotBusy() {
    assertEquals(
        (100 + 20 + 30 + 6 + 7 + 8) / 100.0,
        MachineLoad.busySeconds("cpu  100 20 30 4000 500 6 7 8 90 1"),
        1e-9);
  }

  @Test
  void whatThisProcessUsesIsNotOthers() {
    assertEquals(0.5, MachineLoad.others(12.5, 10, 5), 1e-9);
    assertEquals(0, MachineLoad.others(9.99, 10, 5), 0);
  }

  @Test
  void linuxReportsBothUnlessItWasTooShort() throws InterruptedException {
    Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/stat")), "a system that reports it");
    MachineLoad load = MachineLoad.watch();
    Thread.sleep(300);
    Map<String, Double> seen = load.seen();
    assertEquals(Set.of("load_average", "other_cores"), seen.keySet());
    assertEquals(Set.of("load_average"), MachineLoad.watch().seen().keySet());
    assertTrue(seen.values().stream().allMatch(number -> number >= 0), seen.toString());
  }
}
