package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.cpu.Step.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepTest {
  @Test
  void whatOthersWroteIsWaitedFor() {
    Step product = step(Split.CHANNELS, List.of(0), List.of(1));
    assertBarriers(false, product, step(Split.ROWS, List.of(1), List.of(2)), true);
    assertBarriers(false, product, step(Split.CHANNELS, List.of(1), List.of(2)), true);
    assertBarriers(false, product, step(Split.HEADS, List.of(1), List.of(2)), true);
    assertBarriers(false, product, step(Split.CHANNELS, List.of(0), List.of(2)), false);
  }

  @Test
  void whatOthersStillReadIsNotOverwritten() {
    Step product = step(Split.CHANNELS, List.of(0), List.of(1));
    assertBarriers(false, product, step(Split.ROWS, List.of(2), List.of(0)), true);
    assertBarriers(false, product, step(Split.ROWS, List.of(2), List.of(1)), true);
  }

  @Test
  void rowsThatNeedOnlyThemselvesNeedNoWaiting() {
    Step norm = step(Split.ROWS, List.of(0), List.of(1));
    assertBarriers(false, norm, step(Split.ROWS, List.of(1), List.of(0)), false);
    assertBarriers(false, norm, step(Split.ROWS, List.of(1), List.of(1)), false);
  }

  /** A token shift reads the row before its own, which another worker may have. */
  @Test
  void aTokenShiftWaitsForItsNeighbours() {
    Step norm = step(Split.ROWS, List.of(0), List.of(1));
    Step shift = step(Split.ROWS_WITH_NEIGHBOURS, List.of(1), List.of(2));
    assertBarriers(false, norm, shift, true);
    assertBarriers(false, shift, step(Split.ROWS, List.of(3), List.of(1)), true);
  }

  @Test
  void oneRowHasNoNeighbours() {
    Step norm = step(Split.ROWS, List.of(0), List.of(1));
    Step shift = step(Split.ROWS_WITH_NEIGHBOURS, List.of(1), List.of(2));
    assertBarriers(true, norm, shift, false);
    assertBarriers(true, shift, step(Split.ROWS, List.of(3), List.of(1)), false);
    assertBarriers(true, shift, step(Split.CHANNELS, List.of(2), List.of(3)), true);
  }

  /** Waiting once is enough for everything that was computed before. */
  @Test
  void oneBarrierServesSeveralSteps() {
    Step first = step(Split.CHANNELS, List.of(0), List.of(1));
    Step second = step(Split.CHANNELS, List.of(0), List.of(2));
    Step third = step(Split.CHANNELS, List.of(1), List.of(3));
    Step fourth = step(Split.CHANNELS, List.of(2), List.of(4));
    boolean[] barriers = Step.barriers(List.of(first, second, third, fourth), false);
    assertArrayEquals(new boolean[] {false, false, true, false}, barriers);
  }

  private static void assertBarriers(boolean oneRow, Step first, Step second, boolean between) {
    assertArrayEquals(
        new boolean[] {false, between}, Step.barriers(List.of(first, second), oneRow));
  }

  /** Between any two steps that must not meet there is a barrier, and none is for nothing. */
  @Test
  void barriersAreWhereTheyAreNeeded() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      boolean oneRow = random.nextBoolean();
      List<Step> steps = new ArrayList<>();
      for (int i = random.nextInt(2, 15); i > 0; i--) {
        Split split = Split.values()[random.nextInt(Split.values().length)];
        List<Integer> reads = random.ints(random.nextInt(3), 0, 8).boxed().toList();
        steps.add(step(split, reads, List.of(random.nextInt(8))));
      }
      boolean[] barriers = Step.barriers(steps, oneRow);
      int sinceBarrier = 0;
      for (int i = 0; i < barriers.length; i++) {
        boolean needed = false;
        for (int earlier = sinceBarrier; earlier < i; earlier++) {
          needed |= mustNotMeet(steps.get(earlier), steps.get(i), oneRow);
        }
        assertEquals(needed, barriers[i], "before step " + i + ", seed " + seed);
        sinceBarrier = barriers[i] ? i : sinceBarrier;
      }
    }
  }

  private static boolean mustNotMeet(Step earlier, Step later, boolean oneRow) {
    for (int place = 0; place < 8; place++) {
      boolean written = earlier.writes().contains(place) || later.writes().contains(place);
      boolean touchedEarlier = earlier.reads().contains(place) || earlier.writes().contains(place);
      boolean touchedLater = later.reads().contains(place) || later.writes().contains(place);
      if (written && touchedEarlier && touchedLater) {
        return !(ownRows(earlier, oneRow) && ownRows(later, oneRow));
      }
    }
    return false;
  }

  private static boolean ownRows(Step step, boolean oneRow) {
    return switch (step.split()) {
      case ROWS -> true;
      case ROWS_WITH_NEIGHBOURS -> oneRow;
      case CHANNELS, HEADS -> false;
    };
  }

  private static Step step(Split split, List<Integer> reads, List<Integer> writes) {
    return new Step(split, reads, writes, _ -> 1, _ -> 1, 1, (_, _, _) -> {});
  }
}
