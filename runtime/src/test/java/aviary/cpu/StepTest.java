package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.cpu.Step.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepTest {
  private static final int[] MEMBERS = {1, 2, 3, 7};
  private static final int[] UNITS = {0, 1, 2, 3, 6, 7, 8, 63, 64, 65, 200, 3000};

  /** Units that a member took at once. */
  private record Take(int from, int to) {}

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
  void aMembersOwnRowsNeedNoWaiting() {
    Step norm = step(Split.ROWS, List.of(0), List.of(1));
    assertBarriers(false, norm, step(Split.ROWS, List.of(1), List.of(0)), false);
    assertBarriers(false, norm, step(Split.ROWS, List.of(1), List.of(1)), false);
  }

  /** A token shift reads the row before its own, which another member may have. */
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

  @ParameterizedTest
  @EnumSource(Split.class)
  void theMembersShareAllUnitsAmongThem(Split split) {
    for (int members : MEMBERS) {
      for (int units : UNITS) {
        int[] times = new int[units];
        Step step = counting(split, units, unit -> times[unit]++);
        AtomicIntegerArray taken = Step.nothingTaken(2, members);
        for (int member = 0; member < members; member++) {
          step.run(new Share(member, members, new float[0]), taken, 1);
        }
        assertOnce(times, "%d units, %d members".formatted(units, members));
      }
    }
  }

  /** What one of the members takes where it is alone, in order. */
  private static List<Take> takes(Split split, int units, int member, int members) {
    List<Take> takes = new ArrayList<>();
    Step step =
        new Step(
            split,
            List.of(),
            List.of(0),
            _ -> units,
            (_, from, to) -> takes.add(new Take(from, to)));
    AtomicIntegerArray taken = Step.nothingTaken(2, members);
    step.run(new Share(member, members, new float[0]), taken, 1);
    return takes;
  }

  @ParameterizedTest
  @EnumSource(
      value = Split.class,
      names = {"ROWS", "ROWS_WITH_NEIGHBOURS"})
  void theOnlyRowIsTheCallers(Split split) {
    for (int members : MEMBERS) {
      List<Take> takes = takes(split, 1, 0, members);
      assertEquals(List.of(new Take(0, 1)), takes, "of " + members);
    }
  }

  /** So that each reads memory of its own, on and on. */
  @Test
  void aMemberBeginsWithItsOwnPart() {
    for (int members : MEMBERS) {
      for (int pieces : new int[] {7, 8, 28, 56, 100}) {
        for (int member = 0; member < members; member++) {
          String what = "member %d of %d, %d pieces".formatted(member, members, pieces);
          int units = pieces * Step.CHANNELS_IN_PIECE - 5; // The last piece is shorter.
          Take channels = takes(Split.CHANNELS, units, member, members).getFirst();
          int first = Share.first(pieces, member, members);
          assertEquals(first * Step.CHANNELS_IN_PIECE, channels.from(), what);
          Take heads = takes(Split.HEADS, pieces, member, members).getFirst();
          assertEquals(first, heads.from(), what);
        }
      }
    }
  }

  /** And takes fewer and fewer, so that whoever helps it finds something. */
  @Test
  void aMemberTakesHalfOfWhatIsLeftButNeverMoreThanEightPieces() {
    List<Integer> sizes = new ArrayList<>();
    int end = 0;
    for (Take take : takes(Split.CHANNELS, 28 * Step.CHANNELS_IN_PIECE, 0, 1)) {
      assertEquals(end, take.from());
      end = take.to();
      sizes.add((take.to() - take.from()) / Step.CHANNELS_IN_PIECE);
    }
    assertEquals(List.of(8, 8, 6, 3, 1, 1, 1), sizes);
  }

  @ParameterizedTest
  @EnumSource(
      value = Split.class,
      names = {"CHANNELS", "HEADS"})
  void anyMemberDoesAllWhereTheOthersAreLate(Split split) {
    for (int members : MEMBERS) {
      for (int units : UNITS) {
        for (int member = 0; member < members; member++) {
          int[] times = new int[units];
          for (Take take : takes(split, units, member, members)) {
            IntStream.range(take.from(), take.to()).forEach(unit -> times[unit]++);
          }
          assertOnce(times, "%d units, member %d of %d".formatted(units, member, members));
        }
      }
    }
  }

  /** All at the same time, with so little to do that they meet at each other's parts. */
  @ParameterizedTest
  @EnumSource(
      value = Split.class,
      names = {"CHANNELS", "HEADS"})
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void noUnitIsDoneTwiceOrLeftOutWhereMembersCompete(Split split) {
    int units = 3000;
    for (int members : MEMBERS) {
      try (Team team = new Team(members)) {
        for (int job = 0; job < 300; job++) {
          AtomicIntegerArray times = new AtomicIntegerArray(units);
          Step step = counting(split, units, times::getAndIncrement);
          AtomicIntegerArray taken = Step.nothingTaken(1, members);
          team.run((member, _) -> step.run(new Share(member, members, new float[0]), taken, 0));
          int[] counts = IntStream.range(0, units).map(times::get).toArray();
          assertOnce(counts, "job %d of %d members".formatted(job, members));
        }
      }
    }
  }

  private static Step counting(Split split, int units, IntConsumer unitDone) {
    return new Step(
        split,
        List.of(),
        List.of(0),
        _ -> units,
        (_, from, to) -> IntStream.range(from, to).forEach(unitDone));
  }

  private static void assertOnce(int[] times, String what) {
    int[] once = new int[times.length];
    Arrays.fill(once, 1);
    assertArrayEquals(once, times, what);
  }

  private static Step step(Split split, List<Integer> reads, List<Integer> writes) {
    return new Step(split, reads, writes, _ -> 1, (_, _, _) -> {});
  }
}
