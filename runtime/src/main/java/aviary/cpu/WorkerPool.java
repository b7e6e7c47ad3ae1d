package aviary.cpu;

import aviary.ExclusiveUse;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Threads that help the thread that calls {@link #run}. A job is finished when its work is done,
 * whoever did it: a worker that the system has not scheduled is not waited for, and finds the next
 * job when it runs again. So a machine that is shared with other programs slows a job down by the
 * share of the cores that they use, and not by a time slice at every step.
 *
 * <p>The steps of a token take tens of microseconds, about as long as it takes to wake a thread. So
 * a worker without work spins for a moment before it parks. It does not yield: on Linux 6.18,
 * threads that yield to each other without an end were seen to lose a core that others use for many
 * seconds.
 */
public final class WorkerPool implements AutoCloseable {

  /** How long an idle worker spins for the next job before it parks, in nanoseconds. */
  private static final long SPIN_FOR_JOB = 1_000_000;

  /** Work that several threads can do together. */
  @FunctionalInterface
  public interface Job {
    /**
     * Works until there is nothing left to do. Several workers call this at the same time; some may
     * come late or never. For worker 0, the caller of {@link WorkerPool#run}, it returns when all
     * of the job is done.
     *
     * @param worker which worker this is, from 0
     * @throws RuntimeException only for worker 0: what failed in any of them
     */
    void help(int worker);
  }

  private final int size;
  private final long spin;
  private final Thread[] threads;
  private final AtomicReferenceArray<Thread> parked;
  private volatile Job current;
  private volatile boolean closed;
  private final ExclusiveUse use =
      new ExclusiveUse("thread pool", "give each thread a pool of its own");

  /**
   * @param size the number of workers, the caller included
   */
  public WorkerPool(int size) {
    this.size = size;
    spin = size <= Runtime.getRuntime().availableProcessors() ? SPIN_FOR_JOB : 0;
    parked = new AtomicReferenceArray<>(size);
    threads = new Thread[size - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("aviary-cpu-" + worker).start(() -> serve(worker));
    }
  }

  /** Whether workers may spin while they wait: otherwise the one waited for could have no core. */
  boolean spins() {
    return spin > 0;
  }

  /** The number of workers, the caller included. */
  public int size() {
    return size;
  }

  /**
   * Runs a job to its end.
   *
   * @throws RuntimeException what failed in any worker, or an {@link Error}
   * @throws IllegalStateException if the pool is closed, or runs another job
   */
  public void run(Job job) {
    use.begin();
    try {
      if (size > 1) {
        current = job;
        wake();
      }
      job.help(0);
    } finally {
      use.end();
    }
  }

  /**
   * Runs each of {@code parts} parts of a job once. Which worker runs which part is not fixed; the
   * caller runs those that no worker has begun.
   *
   * @throws RuntimeException what one of the parts threw, or an {@link Error}
   * @throws IllegalStateException if the pool is closed, or runs another job
   */
  public void runParts(int parts, IntConsumer part) {
    if (parts > 1 && size > 1) {
      run(new PartsJob(parts, size, part, spins()));
      return;
    }
    use.begin();
    try {
      for (int i = 0; i < parts; i++) {
        part.accept(i);
      }
    } finally {
      use.end();
    }
  }

  /**
   * Ends the threads, and waits for those that are still at work.
   *
   * @throws IllegalStateException if a job runs
   */
  @Override
  public void close() {
    use.close();
    closed = true;
    wake();
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws what a worker threw; does nothing for null. */
  static void rethrow(Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  private void wake() {
    for (int worker = 1; worker < size; worker++) {
      Thread thread = parked.get(worker);
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  private void serve(int worker) {
    Job done = null;
    while (!closed) {
      Job job = awaitJob(worker, done);
      if (job != done) {
        job.help(worker);
        done = job;
      }
    }
  }

  /** The job after {@code done}; the same one if the pool was closed. */
  private Job awaitJob(int worker, Job done) {
    long start = System.nanoTime();
    while (current == done && !closed) {
      if (System.nanoTime() - start < spin) {
        Thread.onSpinWait();
        continue;
      }
      parked.set(worker, Thread.currentThread());
      // The next job may have come before this worker could be seen as parked.
      while (current == done && !closed) {
        LockSupport.park(this);
      }
      parked.set(worker, null);
    }
    return current;
  }
}
