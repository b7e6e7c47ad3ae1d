package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipelineTest {
  private static final int PASSES = 20;

  private static DeviceThreads threads(int stages) {
    return new DeviceThreads(IntStream.range(0, stages).mapToObj(i -> "stage " + i).toList());
  }

  /** Each of a stage's passes but its last, or first, waits until the other is at work, too. */
  @Test
  void aStageRunsAPassWhileTheStageBeforeRunsTheNext() {
    CyclicBarrier bothAtWork = new CyclicBarrier(2);
    try (DeviceThreads threads = threads(2)) {
      Pipeline.run(
          threads,
          2,
          PASSES,
          (pass, stage) -> {
            if (stage == 0 && pass > 0 || stage == 1 && pass < PASSES - 1) {
              await(bothAtWork);
            }
          });
    }
    assertFalse(bothAtWork.isBroken());
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aStageKeepsTheOrderAndIsAheadOfTheNextByOnePass() {
    for (int stages = 1; stages <= 4; stages++) {
      AtomicIntegerArray done = new AtomicIntegerArray(stages);
      int last = stages - 1;
      try (DeviceThreads threads = threads(stages)) {
        Pipeline.run(
            threads,
            stages,
            PASSES,
            (pass, stage) -> {
              assertEquals(pass, done.get(stage), "the pass that is this stage's next");
              assertTrue(stage == 0 || done.get(stage - 1) > pass, "the stage before has done it");
              assertTrue(
                  stage == last || done.get(stage + 1) >= pass - 1, "no more than one ahead");
              done.incrementAndGet(stage);
            });
      }
      for (int stage = 0; stage < stages; stage++) {
        assertEquals(PASSES, done.get(stage));
      }
    }
  }

  @Test
  void aFailureComesOutOnceAllHaveStopped() {
    for (int stages = 1; stages <= 3; stages++) {
      for (int failing = 0; failing < stages; failing++) {
        for (int at : new int[] {0, 1, PASSES - 1}) {
          failsAt(stages, failing, at);
        }
      }
    }
  }

  private static void failsAt(int stages, int failing, int at) {
    DeviceException failure = new DeviceException("device " + failing + ": gone", null);
    AtomicIntegerArray atWork = new AtomicIntegerArray(stages);
    AtomicIntegerArray begun = new AtomicIntegerArray(stages);
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    try (DeviceThreads threads = threads(stages)) {
      Pipeline.Work work =
          (pass, stage) -> {
            used.add(Thread.currentThread());
            atWork.incrementAndGet(stage);
            begun.incrementAndGet(stage);
            try {
              if (stage == failing && pass == at) {
                throw failure;
              }
            } finally {
              atWork.decrementAndGet(stage);
            }
          };
      DeviceException told =
          assertThrows(DeviceException.class, () -> Pipeline.run(threads, stages, PASSES, work));
      assertSame(failure, told);
    }
    for (int stage = 0; stage < stages; stage++) {
      assertEquals(0, atWork.get(stage), "at work");
      assertTrue(begun.get(stage) <= at + 1 + Math.max(0, 2 * (failing - stage)), "went on");
    }
    used.forEach(PipelineTest::assertEnds);
  }

  private static void assertEnds(Thread thread) {
    try {
      assertTrue(thread.join(Duration.ofSeconds(20)), "a thread is left");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An error, such as that memory ran out, stays what it is. */
  @Test
  void anErrorIsNotWrapped() {
    OutOfMemoryError error = new OutOfMemoryError("of this test");
    try (DeviceThreads threads = threads(2)) {
      assertSame(
          error,
          assertThrows(
              OutOfMemoryError.class,
              () ->
                  Pipeline.run(
                      threads,
                      2,
                      PASSES,
                      (_, _) -> {
                        throw error;
                      })));
    }
  }

  /** An interrupt does not let anyone use devices that are at work; it is there afterwards. */
  @Test
  void anInterruptIsKeptForLater() {
    List<Integer> done = new ArrayList<>();
    try (DeviceThreads threads = threads(2)) {
      Thread.currentThread().interrupt();
      Pipeline.run(
          threads,
          2,
          PASSES,
          (pass, stage) -> {
            if (stage == 1) {
              done.add(pass);
            }
          });
      assertTrue(Thread.interrupted());
    }
    assertEquals(PASSES, done.size());
  }
}
