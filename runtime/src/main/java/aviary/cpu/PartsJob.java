package aviary.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** A number of parts, each of which runs once, on the worker that takes it first. */
final class PartsJob implements WorkerPool.Job {

  /** How long the caller spins for the last parts before it parks, in nanoseconds. */
  private static final long SPIN = 100_000;

  private final int parts;
  private final IntConsumer part;
  private final long spin;
  private final AtomicIntegerArray taken;
  private final AtomicInteger left;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Parking parking;

  PartsJob(int parts, int workers, IntConsumer part, boolean spins) {
    this.parts = parts;
    this.part = part;
    spin = spins ? SPIN : 0;
    taken = new AtomicIntegerArray(parts);
    left = new AtomicInteger(parts);
    parking = new Parking(workers);
  }

  @Override
  public void help(int worker) {
    // Begins with the part of its own number: its memory is probably in this core's cache.
    for (int k = 0; k < parts; k++) {
      int i = (worker + k) % parts;
      if (taken.compareAndSet(i, 0, 1)) {
        run(i);
      }
    }
    if (worker == 0) {
      awaitParts();
      WorkerPool.rethrow(failure.get());
    }
  }

  private void run(int i) {
    try {
      part.accept(i);
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      if (left.decrementAndGet() == 0) {
        parking.wake();
      }
    }
  }

  private void awaitParts() {
    long start = System.nanoTime();
    while (left.get() > 0) {
      if (System.nanoTime() - start < spin) {
        Thread.onSpinWait();
      } else {
        parking.await(0, () -> left.get() == 0, Long.MAX_VALUE);
      }
    }
  }
}
