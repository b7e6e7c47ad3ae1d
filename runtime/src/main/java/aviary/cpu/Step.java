package aviary.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * One operation of a program, bound to its weights and to the places of its values.
 *
 * @param split how its work is shared out
 * @param reads the places of the values that it reads
 * @param writes the places of the values that it writes
 * @param body computes a member's share
 */
record Step(Split split, List<Integer> reads, List<Integer> writes, Body body) {

  /** How the members of a team share a step's work. */
  enum Split {
    /** Each member has rows of its own, and touches no others. */
    ROWS,
    /** Each member has rows of its own, and reads others too. */
    ROWS_WITH_NEIGHBOURS,
    /** Each member has channels of its own, of all rows. */
    CHANNELS,
    /** Each member has heads of its own, of all rows of a sequence. */
    HEADS
  }

  /** Computes a member's share. */
  @FunctionalInterface
  interface Body {
    void run(Share share);
  }

  /**
   * Before which steps the members must wait for each other: where one needs what another member
   * computes in a step since the last wait, or would overwrite what another still reads.
   *
   * @param oneRow whether there is one row only, which one member has in all steps that go by rows
   */
  static boolean[] barriers(List<Step> steps, boolean oneRow) {
    boolean[] barriers = new boolean[steps.size()];
    List<Step> since = new ArrayList<>();
    for (int i = 0; i < barriers.length; i++) {
      Step step = steps.get(i);
      if (since.stream().anyMatch(earlier -> step.mustWaitFor(earlier, oneRow))) {
        barriers[i] = true;
        since.clear();
      }
      since.add(step);
    }
    return barriers;
  }

  private boolean mustWaitFor(Step earlier, boolean oneRow) {
    boolean sameMember = goesByRows(oneRow) && earlier.goesByRows(oneRow);
    return !sameMember
        && (meet(earlier.writes, reads)
            || meet(earlier.reads, writes)
            || meet(earlier.writes, writes));
  }

  private boolean goesByRows(boolean oneRow) {
    return split == Split.ROWS || split == Split.ROWS_WITH_NEIGHBOURS && oneRow;
  }

  private static boolean meet(List<Integer> some, List<Integer> others) {
    return some.stream().anyMatch(others::contains);
  }
}
