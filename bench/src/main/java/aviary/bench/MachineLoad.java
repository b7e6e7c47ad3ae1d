package aviary.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How busy the machine was with other processes while something was measured: a speed that was
 * measured beside others is lower, and its spread larger.
 */
final class MachineLoad {

  /** The detail of a measurement: the system's load average of a minute, at its end. */
  static final String AVERAGE = "load_average";

  /** The detail of a measurement: how many of all cores of the host others used. */
  static final String OTHERS = "other_cores";

  /** What Linux counts processor time in: USER_HZ, which is the same on all its platforms. */
  private static final double TICKS_A_SECOND = 100;

  /** In less the ticks are too few to divide. */
  private static final double LEAST_SECONDS = 0.25;

  private static final Path STAT = Path.of("/proc/stat");

  private final long start = System.nanoTime();
  private final OptionalDouble busy = busySeconds();
  private final double own = ownSeconds();

  private MachineLoad() {}

  /** Begins to watch. */
  static MachineLoad watch() {
    return new MachineLoad();
  }

  /** What was seen since then; without what this system does not report. */
  Map<String, Double> seen() {
    Map<String, Double> seen = new LinkedHashMap<>();
    double average = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (average >= 0) {
      seen.put(AVERAGE, average);
    }
    OptionalDouble now = busySeconds();
    double seconds = Repetitions.secondsSince(start);
    if (busy.isPresent() && now.isPresent() && seconds >= LEAST_SECONDS) {
      double all = now.getAsDouble() - busy.getAsDouble();
      seen.put(OTHERS, others(all, ownSeconds() - own, seconds));
    }
    return seen;
  }

  /**
   * How many cores other processes used; the two clocks differ by some ticks.
   *
   * @param all processor time of all processes, in seconds
   * @param own this process's
   * @param seconds in which that was
   */
  static double others(double all, double own, double seconds) {
    return Math.max(0, (all - own) / seconds);
  }

  private static double ownSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }

  private static OptionalDouble busySeconds() {
    if (!Files.isReadable(STAT)) {
      return OptionalDouble.empty();
    }
    try (Stream<String> lines = Files.lines(STAT)) {
      return lines
          .filter(line -> line.startsWith("cpu "))
          .mapToDouble(MachineLoad::busySeconds)
          .findFirst();
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }

  /**
   * The processor time of all processes.
   *
   * @param line {@code cpu user nice system idle iowait irq softirq steal ...}, as proc(5) has it
   */
  static double busySeconds(String line) {
    long[] ticks =
        Stream.of(line.strip().split("\\s+")).skip(1).mapToLong(Long::parseLong).toArray();
    long all = LongStream.of(ticks).limit(8).sum();
    long idle = ticks.length > 4 ? ticks[3] + ticks[4] : 0;
    return (all - idle) / TICKS_A_SECOND;
  }
}
