package aviary.cpu;

import aviary.engine.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * One operation of a program, bound to its weights and to the places of its values.
 *
 * @param split how its work is divided
 * @param reads the places of the values that it reads
 * @param writes the places of the values that it writes
 * @param rows how many rows it computes
 * @param units how many rows, channels or heads there are to divide
 * @param work about how many multiply-adds a row of a unit costs, or a whole row where units are
 *     rows
 * @param body computes some of the units
 */
record Step(
    Split split,
    List<Integer> reads,
    List<Integer> writes,
    ToIntFunction<Pass> rows,
    ToIntFunction<Pass> units,
    int work,
    Body body) {

  /** The channels in a piece, the fewest that a worker takes: some hundred kilobytes of weights. */
  static final int CHANNELS_IN_PIECE = 64;

  /** How a step's work is divided among workers. */
  enum Split {
    /** By rows; each row needs only itself. */
    ROWS,
    /** By rows; a row needs the one before it too. */
    ROWS_WITH_NEIGHBOURS,
    /** By channels, each of all rows. */
    CHANNELS,
    /** By heads, each of all rows of a sequence. */
    HEADS
  }

  /** Computes some of a step's units. */
  @FunctionalInterface
  interface Body {
    void run(Worker worker, int from, int to);
  }

  /**
   * Before which steps all earlier ones must be done: where a step needs, or would overwrite, what
   * is computed or read by a step since the last wait, other than row by row.
   *
   * @param oneRow whether there is only one row, so that it has no neighbours
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
    boolean rowByRow = isRowByRow(oneRow) && earlier.isRowByRow(oneRow);
    return !rowByRow
        && (meet(earlier.writes, reads)
            || meet(earlier.reads, writes)
            || meet(earlier.writes, writes));
  }

  /** Whether its units are rows. */
  boolean goesByRows() {
    return split == Split.ROWS || split == Split.ROWS_WITH_NEIGHBOURS;
  }

  private boolean isRowByRow(boolean oneRow) {
    return split == Split.ROWS || split == Split.ROWS_WITH_NEIGHBOURS && oneRow;
  }

  private static boolean meet(List<Integer> some, List<Integer> others) {
    return some.stream().anyMatch(others::contains);
  }
}
