package aviary.cpu;

import aviary.cpu.Claims.Range;
import aviary.cpu.PassPlan.Sized;
import aviary.engine.Pass;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * One pass through the phases of a program. Workers take chunks of the phase's tasks; the worker
 * that finishes the last chunk begins the next phase. So the pass goes on while any worker runs.
 *
 * <p>The system may stop a worker in the middle of a chunk, for milliseconds if other programs want
 * the core. The others then compute its chunk again, into a buffer of their own, where that is
 * harmless ({@link Phase.Task#isRepeatable}). Each result is computed into a buffer and published
 * by whoever first clears the chunk from its worker's slot, so a late worker writes nothing. Which
 * worker computes a chunk never changes a result.
 */
final class PassJob implements WorkerPool.Job {

  /**
   * How long worker 0 alone may take undivided tasks, in nanoseconds: its cache has what they read,
   * and the others are faster only if it does not run.
   */
  private static final long PRECEDENCE = 20_000;

  /** How long to wait at least before a chunk is computed again, in nanoseconds. */
  private static final long LEAST_PATIENCE = 5_000;

  /** How long a worker without work spins before it parks, in nanoseconds. */
  private static final long SPIN = 100_000;

  /** After how long a parked worker looks whether it can help now, in nanoseconds. */
  private static final long MOST_PARKED = 1_000_000;

  private final PassPlan plan;
  private final Pass pass;
  private final float[][] values;
  private final int[] widths;
  private final Worker[] workers;
  private final long spin;
  private final int end;
  private final Claims claims;
  private final AtomicIntegerArray unitsLeft;
  private final AtomicInteger phase;
  private final AtomicReferenceArray<Chunk> slots;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger helping = new AtomicInteger();
  private final Parking parking;

  /**
   * @param values the rows of all values, by place
   * @param widths the floats in a row of a value, by place
   * @param spins whether workers spin before they park
   */
  PassJob(
      PassPlan plan, Pass pass, float[][] values, int[] widths, Worker[] workers, boolean spins) {
    this.plan = plan;
    this.pass = pass;
    this.values = values;
    this.widths = widths;
    this.workers = workers;
    spin = spins ? SPIN : 0;
    end = plan.phases().size();
    claims = new Claims(plan.tasks().length, workers.length);
    unitsLeft = new AtomicIntegerArray(plan.units());
    phase = new AtomicInteger(plan.next()[0]);
    slots = new AtomicReferenceArray<>(workers.length);
    parking = new Parking(workers.length);
  }

  @Override
  public void help(int index) {
    helping.incrementAndGet();
    try {
      Worker worker = workers[index];
      worker.begin(pass, values);
      for (int p = phase.get(); isOn(p); p = phase.get()) {
        workOn(p, worker);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      helping.decrementAndGet();
      if (failure.get() != null) {
        parking.wake();
      }
    }
    if (index == 0 && failure.get() != null) {
      awaitOthers();
      WorkerPool.rethrow(failure.get());
    }
  }

  private boolean isOn(int p) {
    return p < end && failure.get() == null;
  }

  private void workOn(int p, Worker worker) {
    long start = System.nanoTime();
    boolean isFirst = worker.index() == 0;
    boolean worked = takeChunks(p, worker, isFirst);
    if (phase.get() != p) {
      return;
    }
    long since = System.nanoTime();
    // What others have in hand should take them no longer than half of what this worker did.
    long patience = worked ? LEAST_PATIENCE + (since - start) / 2 : PRECEDENCE;
    while (phase.get() == p && isOn(p)) {
      long waited = System.nanoTime() - since;
      boolean worksNow =
          !isFirst && waited > PRECEDENCE && takeChunks(p, worker, true)
              || waited > patience && repeatOne(p, worker, waited / patience);
      if (worksNow) {
        since = System.nanoTime();
      } else if (waited < spin) {
        Thread.onSpinWait();
      } else {
        long limit = Math.max(patience - waited, MOST_PARKED);
        parking.await(worker.index(), () -> phase.get() != p || !isOn(p), limit);
      }
    }
  }

  /**
   * Runs chunks of a phase until all are taken.
   *
   * @param undivided whether to take tasks that are not divided too
   * @return whether there was any
   */
  private boolean takeChunks(int p, Worker worker, boolean undivided) {
    boolean any = false;
    for (int t = plan.firstTask()[p]; t < plan.firstTask()[p + 1]; t++) {
      Sized task = plan.tasks()[t];
      if (!task.isDivided()) {
        if (undivided && task.units() > 0 && claims.takeAll(t)) {
          runInPlace(p, task, worker, 0, task.units());
          any = true;
        }
        continue;
      }
      Range range = claims.take(t, task.units(), task.unitsInPiece(), worker.index());
      while (range != null && failure.get() == null) {
        run(p, t, worker, range);
        any = true;
        range = claims.take(t, task.units(), task.unitsInPiece(), worker.index());
      }
    }
    return any;
  }

  private void run(int p, int t, Worker worker, Range range) {
    Sized task = plan.tasks()[t];
    if (task.isRepeatable()) {
      Chunk chunk = new Chunk(p, t, range.from(), range.to());
      slots.set(worker.index(), chunk);
      compute(chunk, worker, worker.index());
    } else {
      runInPlace(p, task, worker, range.from(), range.to());
    }
  }

  private void runInPlace(int p, Sized task, Worker worker, int from, int to) {
    task.task().run(worker, from, to);
    finish(p, to - from);
  }

  /** Computes a chunk into the worker's buffer, and publishes it if nobody has. */
  private void compute(Chunk chunk, Worker worker, int owner) {
    Sized task = plan.tasks()[chunk.task()];
    int place = task.task().target();
    worker.keepResultsOf(place);
    task.task().run(worker, chunk.from(), chunk.to());
    worker.dropResults();
    if (slots.compareAndSet(owner, chunk, null)) {
      worker.publish(place, task.rows(), widths[place], chunk.from(), chunk.to());
      finish(chunk.phase(), chunk.units());
    }
  }

  /**
   * Computes a chunk again that another worker has begun and not finished.
   *
   * @param most how many workers may do so for a chunk
   * @return whether there was one
   */
  private boolean repeatOne(int p, Worker worker, long most) {
    for (int owner = 0; owner < workers.length; owner++) {
      Chunk chunk = owner == worker.index() ? null : slots.get(owner);
      if (chunk != null && chunk.phase() == p && chunk.repeats().get() < most) {
        chunk.repeats().getAndIncrement();
        compute(chunk, worker, owner);
        return true;
      }
    }
    return false;
  }

  private void finish(int p, int units) {
    if (unitsLeft.addAndGet(p, -units) == 0) {
      int next = plan.next()[p + 1];
      phase.set(next);
      // The caller waits for the end; the others are woken where their help is worth it.
      boolean all = next == end || plan.isLarge()[next];
      parking.wake(all ? workers.length : 1);
    }
  }

  /** After a failure: until no worker computes for this job. */
  private void awaitOthers() {
    while (helping.get() > 0) {
      LockSupport.parkNanos(this, 50_000);
    }
  }
}
