package aviary.cpu;

import aviary.engine.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.ToIntFunction;

/**
 * One operation of a program, bound to its weights and to the places of its values.
 *
 * @param split how its work is shared out
 * @param reads the places of the values that it reads
 * @param writes the places of the values that it writes
 * @param units how many rows, channels or heads there are to share out
 * @param body computes some of them
 */
record Step(
    Split split, List<Integer> reads, List<Integer> writes, ToIntFunction<Pass> units, Body body) {

  /**
   * The channels in a piece, the least that is taken at once: some hundred kilobytes of weights.
   */
  static final int CHANNELS_IN_PIECE = 64;

  /**
   * The most pieces that are taken at once: a vector of sums for each of 512 rows fits 32 KB, a
   * first-level cache, and the last takes stay small enough for all members to end together.
   */
  private static final int MOST_PIECES = 8;

  /** How the members of a team share a step's work. */
  enum Split {
    /** Each member has rows of its own, always the same, and touches no others. */
    ROWS,
    /** Each member has rows of its own, always the same, and reads others too. */
    ROWS_WITH_NEIGHBOURS,
    /** Each member has channels of its own, of all rows; who is done takes of the others'. */
    CHANNELS,
    /** Each member has heads of its own, of all rows of a sequence; who is done takes others. */
    HEADS
  }

  /** Computes some of a step's units. */
  @FunctionalInterface
  interface Body {
    void run(Share share, int from, int to);
  }

  /**
   * For {@link #run}: how many pieces of each member's part of each step were taken, [steps,
   * members].
   */
  static AtomicIntegerArray nothingTaken(int steps, int members) {
    return new AtomicIntegerArray(steps * members);
  }

  /**
   * Does a member's part. No result depends on which member computes it.
   *
   * @param taken from {@link #nothingTaken}, the same for all members
   * @param index which of the steps this is
   */
  void run(Share share, AtomicIntegerArray taken, int index) {
    int count = units.applyAsInt(share.pass());
    switch (split) {
      case ROWS, ROWS_WITH_NEIGHBOURS -> body.run(share, share.first(count), share.end(count));
      case CHANNELS -> take(CHANNELS_IN_PIECE, count, share, taken, index);
      case HEADS -> take(1, count, share, taken, index);
    }
  }

  /**
   * Takes this member's part, then what is left of the other members' parts: half of what is left
   * each time, so that the first takes are large, as memory is fastest where it is read on and on,
   * and the last ones small, so that all end together.
   */
  private void take(int unitsInPiece, int count, Share share, AtomicIntegerArray taken, int index) {
    int members = share.members();
    int pieces = Math.ceilDiv(count, unitsInPiece);
    for (int k = 0; k < members; k++) {
      int whose = (share.member() + k) % members;
      int end = Share.first(pieces, whose + 1, members);
      int first = Share.first(pieces, whose, members);
      int counter = index * members + whose;
      int done = taken.get(counter);
      while (first + done < end) {
        int more = Math.clamp((end - first - done) / 2, 1, MOST_PIECES);
        if (taken.compareAndSet(counter, done, done + more)) {
          int from = (first + done) * unitsInPiece;
          body.run(share, from, Math.min(count, from + more * unitsInPiece));
        }
        done = taken.get(counter);
      }
    }
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
