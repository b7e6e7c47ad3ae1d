package aviary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;

/**
 * Measures something several times, as llama-bench does: after runs that are not counted, of which
 * there is one at least, and as many as give the compilers some time.
 *
 * @param warmUp seconds of runs that are not counted
 * @param count how many are counted
 * @param stop asked again and again whether to end; what ran while it said so is not counted
 */
record Repetitions(double warmUp, int count, BooleanSupplier stop) {

  /** The numbers that the runs gave; fewer than asked for if stopped. */
  List<Double> measure(DoubleSupplier run) {
    List<Double> samples = new ArrayList<>();
    long start = System.nanoTime();
    boolean counts = false;
    while (samples.size() < count && !stop.getAsBoolean()) {
      double sample = run.getAsDouble();
      if (counts && !stop.getAsBoolean()) {
        samples.add(sample);
      }
      counts |= secondsSince(start) >= warmUp;
    }
    return List.copyOf(samples);
  }

  static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
