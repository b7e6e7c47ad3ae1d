package aviary.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** This machine's memory, and what this process has of it. */
final class Memory {

  /** What resets the peak of the resident memory, as proc(5) says. */
  private static final String RESET_PEAK = "5";

  private Memory() {}

  /** The machine's memory, or what a container has of it, in bytes. */
  static long all() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /** Begins anew with {@link #peak}, where the system can. */
  static void forgetPeak() {
    // What is garbage by now does not belong to what comes next.
    System.gc();
    Path clear = Path.of("/proc/self/clear_refs");
    if (Files.isWritable(clear)) {
      try {
        Files.writeString(clear, RESET_PEAK, StandardOpenOption.WRITE);
      } catch (IOException e) {
        // Then the peak is that of all before, too.
      }
    }
  }

  /**
   * The most memory that this process has had, in bytes, mapped files included; where the system
   * does not tell, the heap's and the JVM's own of now.
   */
  static long peak() {
    long told = status("VmHWM:");
    if (told > 0) {
      return told;
    }
    var memory = ManagementFactory.getMemoryMXBean();
    return memory.getHeapMemoryUsage().getCommitted()
        + memory.getNonHeapMemoryUsage().getCommitted();
  }

  /** A line of what Linux tells of this process, in bytes; 0 elsewhere. */
  private static long status(String name) {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
