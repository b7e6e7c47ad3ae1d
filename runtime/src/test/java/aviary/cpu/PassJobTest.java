package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.cpu.Step.Body;
import aviary.cpu.Step.Split;
import aviary.engine.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs on integers held in floats, so that every result is exact: all results must be
 * those of one worker, whoever is held up.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PassJobTest {
  private static final int PLACES = 6;
  private static final int WIDTH = 3 * Step.CHANNELS_IN_PIECE + 7;

  /** A pass of some rows of one sequence, without a state: no step here asks for it. */
  private static Pass pass(int rows) {
    return new Pass(List.of(new Pass.Part(null, 0, rows)), new int[rows], new int[0]);
  }

  /** {@code out[row][c] = (in[row][c'] + c) mod 4096}, of the place before, by channels or rows. */
  private static Step step(Split split, int in, int out, int work, Hold hold) {
    Body body =
        split == Split.CHANNELS
            ? (worker, from, to) -> {
              for (int row = 0; row < worker.pass().rows(); row++) {
                for (int c = from; c < to; c++) {
                  worker.target(out)[row * WIDTH + c] = mixed(worker.value(in), row, c);
                }
                hold.maybe(worker);
              }
            }
            : (worker, from, to) -> {
              for (int row = from; row < to; row++) {
                for (int c = 0; c < WIDTH; c++) {
                  worker.value(out)[row * WIDTH + c] = mixed(worker.value(in), row, c);
                }
                hold.maybe(worker);
              }
            };
    return new Step(
        split,
        List.of(in),
        List.of(out),
        Pass::rows,
        split == Split.CHANNELS ? _ -> WIDTH : Pass::rows,
        work,
        body);
  }

  private static float mixed(float[] in, int row, int c) {
    return (in[row * WIDTH + (c + 1) % WIDTH] + in[row * WIDTH + c] + c) % 4096;
  }

  /** Holds a worker up somewhere in a chunk, as a system does that runs another program. */
  private interface Hold {
    Hold NEVER = _ -> {};

    void maybe(Worker worker);
  }

  /** Random steps; in-place ones among them, which must not be computed twice. */
  private static List<Step> program(Random random, Hold hold) {
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(4, 20); i > 0; i--) {
      Split split = random.nextBoolean() ? Split.CHANNELS : Split.ROWS;
      int in = random.nextInt(PLACES);
      int out = (in + 1 + random.nextInt(PLACES - 1)) % PLACES;
      int work = random.nextBoolean() ? 1_000_000 : 1;
      steps.add(step(split, in, out, work, hold));
    }
    return steps;
  }

  private static float[][] values(int rows, Random random) {
    float[][] values = new float[PLACES][rows * WIDTH];
    for (float[] value : values) {
      for (int i = 0; i < value.length; i++) {
        value[i] = random.nextInt(4096);
      }
    }
    return values;
  }

  private static Worker[] workers(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Worker(i, null)).toArray(Worker[]::new);
  }

  private static void run(List<Step> steps, Pass pass, float[][] values, WorkerPool pool) {
    int[] widths = new int[PLACES];
    Arrays.fill(widths, WIDTH);
    List<Phase> phases = Phase.of(steps, pass.rows() == 1);
    PassPlan plan = PassPlan.of(phases, pass, widths, pool.size());
    Worker[] workers = workers(pool.size());
    pool.run(new PassJob(plan, pass, values, widths, workers, pool.spins()));
  }

  private static float[][] runAlone(List<Step> steps, Pass pass, float[][] values) {
    float[][] copy = Arrays.stream(values).map(float[]::clone).toArray(float[][]::new);
    try (WorkerPool alone = new WorkerPool(1)) {
      run(steps, pass, copy, alone);
    }
    return copy;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9})
  void resultsAreThoseOfOneWorker(int size) {
    assertSameResults(size, 2000, Hold.NEVER);
  }

  /** Any worker, the caller too, is held up now and then, for longer than others wait for it. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 9})
  void resultsAreTheSameWhereWorkersAreHeldUp(int size) {
    AtomicInteger calls = new AtomicInteger();
    assertSameResults(
        size,
        600,
        _ -> {
          if (calls.incrementAndGet() % 61 == 0) {
            LockSupport.parkNanos(400_000);
          }
        });
  }

  private static void assertSameResults(int size, int rounds, Hold hold) {
    try (WorkerPool pool = new WorkerPool(size)) {
      for (int seed = 0; seed < rounds; seed++) {
        Random random = new Random(seed);
        Pass pass = pass(random.nextBoolean() ? 1 : random.nextInt(2, 12));
        float[][] values = values(pass.rows(), random);
        float[][] expected = runAlone(program(new Random(seed), Hold.NEVER), pass, values);
        run(program(new Random(seed), hold), pass, values, pool);
        assertArrayEquals(expected, values, "seed " + seed + ", " + size + " workers");
      }
    }
  }

  /** The other worker never comes back during the pass, and writes nothing when it does. */
  @Test
  void aPassEndsWithoutAWorkerThatHoldsAChunk() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch isHeld = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    Hold hold =
        _ -> {
          if (Thread.currentThread() != caller) {
            isHeld.countDown();
            awaitQuietly(held);
          } else {
            awaitQuietly(isHeld);
          }
        };
    List<Step> steps = List.of(step(Split.CHANNELS, 0, 1, 1_000_000, hold));
    Pass pass = pass(1);
    try (WorkerPool pool = new WorkerPool(2)) {
      float[][] values = values(1, new Random(1));
      float[][] expected =
          runAlone(List.of(step(Split.CHANNELS, 0, 1, 1_000_000, Hold.NEVER)), pass, values);
      run(steps, pass, values, pool);
      assertArrayEquals(expected, values);
      // What the late worker computes now is not what the values hold later.
      Arrays.fill(values[0], -1);
      Arrays.fill(values[1], -1);
      held.countDown();
      run(List.of(step(Split.CHANNELS, 2, 3, 1_000_000, Hold.NEVER)), pass, values, pool);
      Thread.sleep(20);
      float[] untouched = new float[WIDTH];
      Arrays.fill(untouched, -1);
      assertArrayEquals(untouched, values[1]);
    }
  }

  /** A step that changes what it reads: nobody else computes its chunks. */
  @Test
  void chunksThatMustNotRunTwiceAreWaitedFor() {
    AtomicInteger runs = new AtomicInteger();
    Body body =
        (worker, from, to) -> {
          runs.addAndGet(to - from);
          LockSupport.parkNanos(2_000_000);
          for (int c = from; c < to; c++) {
            worker.target(0)[c] += 1;
          }
        };
    Step inPlace =
        new Step(Split.CHANNELS, List.of(0), List.of(0), Pass::rows, _ -> WIDTH, 1_000_000, body);
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int round = 0; round < 20; round++) {
        float[][] values = new float[PLACES][WIDTH];
        runs.set(0);
        run(List.of(inPlace), pass(1), values, pool);
        assertEquals(WIDTH, runs.get());
        float[] ones = new float[WIDTH];
        Arrays.fill(ones, 1);
        assertArrayEquals(ones, values[0]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aFailureReachesTheCallerWhenAllWorkersHaveStopped(int size) {
    RuntimeException exception = new RuntimeException("of a chunk");
    AtomicInteger running = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    Body body =
        (_, _, _) -> {
          running.incrementAndGet();
          try {
            if (begun.incrementAndGet() == 2) {
              throw exception;
            }
            LockSupport.parkNanos(1_000_000);
          } finally {
            running.decrementAndGet();
          }
        };
    Step step =
        new Step(Split.CHANNELS, List.of(0), List.of(1), Pass::rows, _ -> WIDTH, 1_000_000, body);
    try (WorkerPool pool = new WorkerPool(size)) {
      for (int round = 0; round < 20; round++) {
        begun.set(0);
        float[][] values = new float[PLACES][WIDTH];
        Throwable thrown =
            assertThrows(
                RuntimeException.class,
                () -> run(List.of(step, again(step)), pass(1), values, pool));
        assertSame(exception, thrown);
        assertEquals(0, running.get());
      }
    }
  }

  /** The same work once more, in a phase of its own. */
  private static Step again(Step step) {
    return new Step(
        step.split(), List.of(1), List.of(2), step.rows(), step.units(), step.work(), step.body());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
