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

  private static final int MOST_PAUSES = 20;
  private static final long PAUSE_MILLIS = 50;

  private Memory() {}

  /** The machine's memory, or what a container has of it, in bytes. */
  static long all() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /**
   * Begins anew with {@link #peak}, where the system can.
   *
   * @return whether it could; otherwise the peak is that of all before, too
   */
  static boolean forgetPeak() {
    settle();
    Path clear = Path.of("/proc/self/clear_refs");
    if (!Files.isWritable(clear)) {
      return false;
    }
    try {
      Files.writeString(clear, RESET_PEAK, StandardOpenOption.WRITE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What is garbage by now is not what comes next; what an engine had beside the heap is given back
   * a little after the collection.
   */
  private static void settle() {
    System.gc();
    long least = Long.MAX_VALUE;
    try {
      for (int i = 0; i < MOST_PAUSES && now() < least; i++) {
        least = now();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The memory that this process has, in bytes, mapped files included; 0 where it is not told. */
  static long now() {
    return status("VmRSS:");
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
