package aviary.cpu;

import aviary.ExclusiveUse;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Threads that do one job together: each runs the whole job, does its share of every step, and
 * waits for the others at {@link Run#barrier}. The calling thread is one of them.
 *
 * <p>A token's steps are tens of microseconds long, so that waiting spins at first: to put a thread
 * to sleep and wake it would take as long as the step. Then it sleeps, and does not yield: on Linux
 * 6.18, threads that yield to each other without an end were seen to lose a core that others use
 * for many seconds.
 */
public final class Team implements AutoCloseable {

  /** Spins before a waiting member sleeps: some 100 microseconds. */
  private static final int SPINS = 5_000;

  /** How long a member waits for the next job before it sleeps, in nanoseconds. */
  private static final long AWAKE = 2_000_000;

  /** What a member does. */
  @FunctionalInterface
  public interface Job {
    /**
     * @param member which of the members this is, from 0
     * @param run where it meets the others
     */
    void run(int member, Run run);
  }

  private final int size;
  private final int spins;
  private final long awake;
  private final Thread[] threads;
  private volatile Run current;
  private volatile boolean closed;
  private final ExclusiveUse use =
      new ExclusiveUse("thread pool", "give each thread a pool of its own");

  /**
   * @param size how many members there are, the caller included
   */
  public Team(int size) {
    this.size = size;
    // More members than cores can never all spin: the one waited for would have no core.
    boolean coreForEach = size <= Runtime.getRuntime().availableProcessors();
    spins = coreForEach ? SPINS : 0;
    awake = coreForEach ? AWAKE : 0;
    threads = new Thread[size - 1];
    for (int i = 0; i < threads.length; i++) {
      int member = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("aviary-cpu-" + member).start(() -> serve(member));
    }
  }

  /** How many members there are. */
  public int size() {
    return size;
  }

  /**
   * Runs a job to its end in all members.
   *
   * @throws RuntimeException what the job threw in one of them, or an {@link Error}
   * @throws IllegalStateException if the team is closed, or runs another job
   */
  public void run(Job job) {
    use.begin();
    try {
      Run run = new Run(job, size, spins);
      current = run;
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
      run.member(0);
      run.end();
    } finally {
      use.end();
    }
  }

  /**
   * Ends the threads.
   *
   * @throws IllegalStateException if a job runs
   */
  @Override
  public void close() {
    use.close();
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }

  private void serve(int member) {
    Run done = null;
    while (!closed) {
      Run next = current;
      long since = System.nanoTime();
      while (next == done && !closed) {
        if (System.nanoTime() - since < awake) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
        next = current;
      }
      if (next != done) {
        next.member(member);
        done = next;
      }
    }
  }

  /** One job that is being run. */
  public static final class Run {
    private final Job job;
    private final int size;
    private final int spins;
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final Queue<Thread> sleepers = new ConcurrentLinkedQueue<>();
    private volatile int round;
    private volatile Throwable failure;

    private Run(Job job, int size, int spins) {
      this.job = job;
      this.size = size;
      this.spins = spins;
    }

    /** Waits until all members are here. What they wrote before is seen by all behind it. */
    public void barrier() {
      if (size == 1) {
        return;
      }
      int before = round;
      if (arrived.incrementAndGet() == size) {
        arrived.set(0);
        round = before + 1;
        wake();
        return;
      }
      await(() -> round != before || failure != null);
      if (round == before) {
        throw new Abandoned();
      }
    }

    private void member(int member) {
      try {
        job.run(member, this);
      } catch (Abandoned e) {
        // The member that failed says why.
      } catch (Throwable e) {
        failure = e;
        wake();
      } finally {
        if (left.incrementAndGet() == size) {
          wake();
        }
      }
    }

    /** Waits until no member works any more. */
    private void end() {
      await(() -> left.get() == size);
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(failure);
      }
    }

    private void await(BooleanSupplier happened) {
      for (int spin = 0; spin < spins; spin++) {
        if (happened.getAsBoolean()) {
          return;
        }
        Thread.onSpinWait();
      }
      Thread thread = Thread.currentThread();
      while (!happened.getAsBoolean()) {
        if (!sleepers.contains(thread)) {
          sleepers.add(thread);
        }
        // It may have happened in between, when nobody was there to be woken.
        if (!happened.getAsBoolean()) {
          LockSupport.park(this);
        }
      }
    }

    /** Lets all who sleep look again. To be called behind what they wait for. */
    private void wake() {
      for (Thread thread = sleepers.poll(); thread != null; thread = sleepers.poll()) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** Another member failed, and will not come to the barrier. */
  private static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super(null, null, false, false);
    }
  }
}
