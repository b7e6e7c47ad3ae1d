package aviary.cpu;

import aviary.engine.DeviceLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Measures how fast this machine's threads read memory, and how fast they multiply and add. */
final class CpuLimits implements AutoCloseable {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  /** Far more than any cache has. */
  private static final long LEAST_MEMORY = 1L << 29;

  /** With more it hardly becomes slower. */
  private static final long MOST_MEMORY = 1L << 31;

  /** Rounds until the compiler is done and a good one was among them. */
  private static final int ROUNDS = 12;

  private static final int STEPS = 1 << 21;

  private final int threads;
  private final ExecutorService pool;

  private CpuLimits(int threads) {
    this.threads = threads;
    pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
  }

  /**
   * Measures with so many threads; takes about two seconds.
   *
   * @param bytes how much memory the weights take: as much is read, within what takes a moment and
   *     does not fit a cache
   */
  static DeviceLimits measure(int threads, long bytes) {
    try (CpuLimits limits = new CpuLimits(threads);
        Arena arena = Arena.ofShared()) {
      return new DeviceLimits(
          limits.readRate(arena, Math.clamp(bytes, LEAST_MEMORY, MOST_MEMORY)),
          limits.multiplyRate());
    }
  }

  private double readRate(Arena arena, long bytes) {
    MemorySegment memory = arena.allocate(bytes, 64);
    memory.fill((byte) 1);
    long each = bytes / threads / 4096 * 4096;
    return best(thread -> sum(memory.asSlice(thread * each, each)), each * threads);
  }

  private double multiplyRate() {
    // Ten sums of the vectors' lanes; a fused multiply-add is two operations.
    double operations = 2.0 * 10 * FLOATS.length() * STEPS * threads;
    return best(_ -> multiply(), operations);
  }

  private interface Work {
    double run(int thread);
  }

  /** Amount of work a second, in the best of the rounds. */
  private double best(Work work, double amount) {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Callable<Double>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int its = thread;
        all.add(() -> work.run(its));
      }
      long start = System.nanoTime();
      double used = 0;
      try {
        for (Future<Double> future : pool.invokeAll(all)) {
          used += future.get();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return best;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      // The sum is looked at, so that the compiler cannot leave the work out.
      best = Double.isNaN(used) ? best : Math.max(best, amount / seconds);
    }
    return best;
  }

  /** Both halves at the same time: two places that are read on and on are read faster than one. */
  private static double sum(MemorySegment data) {
    IntVector a = IntVector.zero(INTS);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    int size = INTS.vectorByteSize();
    ByteOrder order = ByteOrder.nativeOrder();
    long half = data.byteSize() / 2;
    for (long at = 0; at < half; at += 2L * size) {
      a = a.add(IntVector.fromMemorySegment(INTS, data, at, order));
      b = b.add(IntVector.fromMemorySegment(INTS, data, at + size, order));
      c = c.add(IntVector.fromMemorySegment(INTS, data, half + at, order));
      d = d.add(IntVector.fromMemorySegment(INTS, data, half + at + size, order));
    }
    return a.add(b).add(c.add(d)).lane(0);
  }

  /** Ten sums, so that none waits for the one before. */
  private static double multiply() {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector y = FloatVector.broadcast(FLOATS, 0.001f);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    for (int step = 0; step < STEPS; step++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j);
    return sum.lane(0);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
