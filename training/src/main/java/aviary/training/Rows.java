package aviary.training;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Some rows of a batch, or all of them.
 *
 * @param batch the sequences
 * @param of which of its rows, from the first to the last
 */
record Rows(Sequences batch, int[] of) {

  static Rows all(Sequences batch) {
    return new Rows(batch, IntStream.range(0, batch.rows()).toArray());
  }

  /** Those that have a label. */
  static Rows labelled(Sequences batch) {
    return new Rows(
        batch, IntStream.range(0, batch.rows()).filter(row -> batch.labels()[row] >= 0).toArray());
  }

  /**
   * Those that a loss needs of operations that look at no more than one token back: the labelled
   * rows and those before them, and each sequence's last, which its state is made of. All, if these
   * are most of them.
   */
  static Rows asked(Sequences batch) {
    BitSet asked = new BitSet();
    for (int row = 0; row < batch.rows(); row++) {
      if (batch.labels()[row] >= 0) {
        asked.set(row % batch.length() == 0 ? row : row - 1, row + 1);
      }
      if (row % batch.length() == batch.length() - 1) {
        asked.set(row);
      }
    }
    return 2 * asked.cardinality() > batch.rows()
        ? all(batch)
        : new Rows(batch, asked.stream().toArray());
  }

  int count() {
    return of.length;
  }

  boolean isAll() {
    return of.length == batch.rows();
  }

  /** Whether a row is the first of its sequence. */
  boolean isFirst(int row) {
    return of[row] % batch.length() == 0;
  }

  /** Whether it is the last. */
  boolean isLast(int row) {
    return of[row] % batch.length() == batch.length() - 1;
  }

  /** Whether the row before it in its sequence is here too. */
  boolean hasBefore(int row) {
    return row > 0 && !isFirst(row) && of[row - 1] == of[row] - 1;
  }

  int sequence(int row) {
    return of[row] / batch.length();
  }

  /** Where these rows are among others, which have them all. */
  int[] in(Rows others) {
    return others.isAll()
        ? of
        : Arrays.stream(of).map(row -> Arrays.binarySearch(others.of, row)).toArray();
  }

  /**
   * Copies rows to one behind the other.
   *
   * @param places which rows
   */
  static void gather(int[] places, float[] from, float[] to, int width) {
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(from, places[i] * width, to, i * width, width);
    }
  }

  /**
   * Copies rows that are one behind the other to their places, and zeros to all others.
   *
   * @param places which of the {@code count} rows of {@code to}
   */
  static void scatter(int[] places, float[] from, float[] to, int count, int width) {
    Arrays.fill(to, 0, count * width, 0);
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(from, i * width, to, places[i] * width, width);
    }
  }
}
