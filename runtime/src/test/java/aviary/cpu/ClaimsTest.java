package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.cpu.Claims.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClaimsTest {
  private static final int[] WORKERS = {1, 2, 3, 7};
  private static final int[] UNITS = {0, 1, 2, 3, 6, 7, 8, 63, 64, 65, 200, 3000};
  private static final int PIECE = Step.CHANNELS_IN_PIECE;

  /** What a worker takes of a task where it is alone, in order. */
  private static List<Range> takes(int units, int piece, int worker, int workers) {
    Claims claims = new Claims(2, workers);
    List<Range> takes = new ArrayList<>();
    for (Range range = claims.take(1, units, piece, worker);
        range != null;
        range = claims.take(1, units, piece, worker)) {
      takes.add(range);
    }
    assertNull(claims.take(1, units, piece, (worker + 1) % workers));
    return takes;
  }

  @Test
  void anyWorkerTakesAllWhereTheOthersAreLate() {
    for (int workers : WORKERS) {
      for (int units : UNITS) {
        for (int piece : new int[] {1, PIECE}) {
          for (int worker = 0; worker < workers; worker++) {
            AtomicIntegerArray times = new AtomicIntegerArray(units);
            takes(units, piece, worker, workers).forEach(range -> count(range, times));
            assertOnce(times, "%d units, worker %d of %d".formatted(units, worker, workers));
          }
        }
      }
    }
  }

  /** So that each reads memory of its own, on and on. */
  @Test
  void aWorkerBeginsWithItsOwnPart() {
    for (int workers : WORKERS) {
      for (int pieces : new int[] {7, 8, 28, 56, 100}) {
        for (int worker = 0; worker < workers; worker++) {
          int units = pieces * PIECE - 5; // The last piece is shorter.
          int first = Math.ceilDiv(pieces * worker, workers);
          assertEquals(
              first * PIECE,
              takes(units, PIECE, worker, workers).getFirst().from(),
              "worker %d of %d, %d pieces".formatted(worker, workers, pieces));
        }
      }
    }
  }

  /** And takes smaller and smaller chunks, so that whoever helps it finds something. */
  @Test
  void aWorkerTakesHalfOfWhatIsLeftButNeverMoreThanEightPieces() {
    List<Integer> sizes = new ArrayList<>();
    int end = 0;
    for (Range range : takes(28 * PIECE, PIECE, 0, 1)) {
      assertEquals(end, range.from());
      end = range.to();
      sizes.add((range.to() - range.from()) / PIECE);
    }
    assertEquals(List.of(8, 8, 6, 3, 1, 1, 1), sizes);
  }

  @Test
  void aWholeTaskIsTakenOnce() {
    Claims claims = new Claims(2, 3);
    assertTrue(claims.takeAll(1));
    assertFalse(claims.takeAll(1));
    assertTrue(claims.takeAll(0));
  }

  /** With so little in each chunk that the workers meet at each other's parts. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void noUnitIsTakenTwiceOrLeftOutWhereWorkersCompete() throws InterruptedException {
    int units = 30_000;
    for (int round = 0; round < 100; round++) {
      Claims claims = new Claims(1, 3);
      AtomicIntegerArray times = new AtomicIntegerArray(units);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int worker = i;
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (Range range = claims.take(0, units, 1, worker);
                      range != null;
                      range = claims.take(0, units, 1, worker)) {
                    count(range, times);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertOnce(times, "round " + round);
    }
  }

  private static void count(Range range, AtomicIntegerArray times) {
    for (int unit = range.from(); unit < range.to(); unit++) {
      times.getAndIncrement(unit);
    }
  }

  private static void assertOnce(AtomicIntegerArray times, String what) {
    for (int unit = 0; unit < times.length(); unit++) {
      assertEquals(1, times.get(unit), "unit " + unit + ", " + what);
    }
  }
}
