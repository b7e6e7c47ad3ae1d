package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a part is lost, the caller waits for ever: hence the time limit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerPoolTest {

  /** The last has more workers than this machine has cores. */
  static int[] sizes() {
    return new int[] {1, 2, 3, Runtime.getRuntime().availableProcessors() + 3};
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void eachPartRunsOnce(int size) {
    try (WorkerPool pool = new WorkerPool(size)) {
      assertEquals(size, pool.size());
      for (int job = 0; job < 3000; job++) {
        assertRunsOnce(pool, 1 + job % (size + 2));
      }
    }
  }

  private static void assertRunsOnce(WorkerPool pool, int parts) {
    AtomicIntegerArray times = new AtomicIntegerArray(parts);
    pool.runParts(parts, times::getAndIncrement);
    for (int part = 0; part < parts; part++) {
      assertEquals(1, times.get(part), "part " + part);
    }
  }

  /** What parts wrote without any synchronization of their own is seen by the caller. */
  @ParameterizedTest
  @MethodSource("sizes")
  void theCallerSeesWhatPartsWrote(int size) {
    int[] written = new int[size];
    try (WorkerPool pool = new WorkerPool(size)) {
      for (int job = 1; job < 5000; job++) {
        int number = job;
        pool.runParts(size, part -> written[part] = number);
        int[] expected = new int[size];
        Arrays.fill(expected, number);
        assertArrayEquals(expected, written);
      }
    }
  }

  /** After a pause that is long enough for the workers to park. */
  @Test
  void parkedWorkersComeBack() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int job = 0; job < 5; job++) {
        CountDownLatch all = new CountDownLatch(3);
        pool.run(worker -> {
          all.countDown();
          await(all);
        });
        Thread.sleep(10);
      }
    }
  }

  /** A worker that the system holds up does not hold up those parts that it has not begun. */
  @Test
  void theCallerRunsThePartsOfALateWorker() {
    Thread caller = Thread.currentThread();
    CountDownLatch held = new CountDownLatch(1);
    try (WorkerPool pool = new WorkerPool(2)) {
      pool.run(worker -> {
        if (worker == 1) {
          await(held);
        }
      });
      Thread[] threads = new Thread[2];
      pool.runParts(2, part -> threads[part] = Thread.currentThread());
      assertArrayEquals(new Thread[] {caller, caller}, threads);
      held.countDown();
      assertRunsOnce(pool, 2);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void aFailureOfAnyPartReachesTheCaller(int size) {
    try (WorkerPool pool = new WorkerPool(size)) {
      for (int failing = 0; failing < size; failing++) {
        int part = failing;
        RuntimeException exception = new RuntimeException("of part " + failing);
        assertSame(exception, failure(pool, part, exception, null));
        assertRunsOnce(pool, size);
        Error error = new StackOverflowError("of part " + failing);
        assertSame(error, failure(pool, part, null, error));
        assertRunsOnce(pool, size);
      }
    }
  }

  private static Throwable failure(
      WorkerPool pool, int failing, RuntimeException exception, Error error) {
    return assertThrows(
        Throwable.class,
        () ->
            pool.runParts(
                pool.size(),
                part -> {
                  if (part == failing && error != null) {
                    throw error;
                  }
                  if (part == failing) {
                    throw exception;
                  }
                }));
  }

  @Test
  void closingWaitsForThreadsAtWork() {
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    try (WorkerPool pool = new WorkerPool(2)) {
      pool.run(worker -> {
        if (worker == 1) {
          begun.countDown();
          sleep(50);
          done.set(true);
        } else {
          await(begun);
        }
      });
      assertFalse(done.get());
    }
    assertTrue(done.get());
  }

  @Test
  void closingEndsTheThreads() throws InterruptedException {
    Thread[] threads = new Thread[4];
    try (WorkerPool pool = new WorkerPool(4)) {
      CountDownLatch all = new CountDownLatch(4);
      pool.run(worker -> {
        threads[worker] = Thread.currentThread();
        all.countDown();
        await(all);
      });
      Thread.sleep(10); // Some of them may have parked by now.
    }
    for (int worker = 1; worker < 4; worker++) {
      assertFalse(threads[worker].isAlive(), "worker " + worker + " still runs");
    }
  }

  @Test
  void aClosedPoolRefusesJobs() {
    for (int size = 1; size <= 3; size++) {
      WorkerPool pool = new WorkerPool(size);
      pool.close();
      AtomicBoolean ran = new AtomicBoolean();
      assertThrows(IllegalStateException.class, () -> pool.run(_ -> ran.set(true)));
      assertThrows(IllegalStateException.class, () -> pool.runParts(2, _ -> ran.set(true)));
      assertFalse(ran.get());
    }
  }

  /** Both would wait for each other for ever. */
  @ParameterizedTest
  @MethodSource("sizes")
  void aSecondJobWhileOneRunsIsRefused(int size) {
    WorkerPool pool = new WorkerPool(size);
    pool.run(worker -> {
      if (worker == 0) {
        refused("in use by this very thread", () -> pool.run(_ -> {}));
        refused("in use by this very thread", pool::close);
        CompletableFuture.runAsync(() -> refused("in use by thread ", () -> pool.run(_ -> {})))
            .join();
      }
    });
    assertRunsOnce(pool, size);
    pool.close();
    refused("is closed", () -> pool.run(_ -> {}));
  }

  private static void refused(String words, Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
