package aviary.bench;

import aviary.engine.DeviceLimits;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * What a device would allow, by kernels that do nothing but read, and nothing but multiply and add;
 * 0 where it is not known.
 *
 * @param device the device
 * @param threads that share the work on the host's cores; 0 where it is not shared out there
 * @param bytesPerSecond reading memory
 * @param flopsPerSecond multiplying and adding, in F32
 */
public record Limits(String device, int threads, double bytesPerSecond, double flopsPerSecond) {

  /** Those that a backend measured. */
  static Limits of(String device, int threads, DeviceLimits measured) {
    return new Limits(device, threads, measured.bytesPerSecond(), measured.flopsPerSecond());
  }

  /** Where nothing is known. */
  static Limits unknown(String device, int threads) {
    return new Limits(device, threads, 0, 0);
  }

  /**
   * The least and the most that was measured of a place, as each engine has had its own.
   *
   * @param reads {@code 30.1 to 32.0 GB/s}
   * @param multiplies {@code 230.0 GFLOP/s}
   */
  record Range(String device, int threads, String reads, String multiplies) {
    @Override
    public String toString() {
      String on = threads > 0 ? " (" + threads + (threads == 1 ? " thread)" : " threads)") : "";
      return "%s%s: %s, %s".formatted(device, on, reads, multiplies);
    }
  }

  /** The ranges of all places. */
  static List<Range> ranges(List<Limits> limits) {
    Map<String, List<Limits>> byPlace = new LinkedHashMap<>();
    for (Limits limit : limits) {
      byPlace
          .computeIfAbsent(limit.device() + " " + limit.threads(), _ -> new ArrayList<>())
          .add(limit);
    }
    return byPlace.values().stream()
        .map(its ->
            new Range(
                its.getFirst().device(),
                its.getFirst().threads(),
                billions(its.stream().mapToDouble(Limits::bytesPerSecond)) + " GB/s",
                billions(its.stream().mapToDouble(Limits::flopsPerSecond)) + " GFLOP/s"))
        .toList();
  }

  private static String billions(DoubleStream rates) {
    DoubleSummaryStatistics range = rates.summaryStatistics();
    return range.getCount() == 1
        ? String.format(Locale.ROOT, "%.1f", range.getMin() / 1e9)
        : String.format(Locale.ROOT, "%.1f to %.1f", range.getMin() / 1e9, range.getMax() / 1e9);
  }
}
