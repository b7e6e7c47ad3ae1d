package aviary.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Where the workers of one job park while they have nothing to do. */
final class Parking {
  private final AtomicReferenceArray<Thread> parked;
  private final AtomicInteger count = new AtomicInteger();

  Parking(int workers) {
    parked = new AtomicReferenceArray<>(workers);
  }

  /**
   * Parks until a condition holds, or for a time.
   *
   * @param ready reads volatile variables only; whoever makes it true calls {@link #wake} after
   *     that
   * @param limit nanoseconds
   */
  void await(int worker, BooleanSupplier ready, long limit) {
    parked.set(worker, Thread.currentThread());
    count.incrementAndGet();
    // It may have become true before this worker could be seen as parked.
    if (!ready.getAsBoolean()) {
      LockSupport.parkNanos(this, limit);
    }
    count.decrementAndGet();
    parked.set(worker, null);
  }

  /** Wakes the parked workers of {@code 0 .. workers - 1}. */
  void wake(int workers) {
    if (count.get() == 0) {
      return;
    }
    for (int worker = 0; worker < workers; worker++) {
      Thread thread = parked.get(worker);
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** Wakes all parked workers. */
  void wake() {
    wake(parked.length());
  }
}
