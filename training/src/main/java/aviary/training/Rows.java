package aviary.training;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Some rows of a batch, or all of them. A row of the batch has a place among these.
 *
 * @param batch the sequences
 * @param indices [count], ascending, the rows in the batch's arrays
 */
record Rows(Sequences batch, int[] indices) {

  static Rows all(Sequences batch) {
    return new Rows(batch, IntStream.range(0, batch.rows()).toArray());
  }

  /** Those that have a label. */
  static Rows labelled(Sequences batch) {
    return new Rows(
        batch, IntStream.range(0, batch.rows()).filter(row -> batch.labels()[row] >= 0).toArray());
  }

  /** Each sequence's rows up to its last label: no loss looks at what comes behind it. */
  static Rows upToLastLabels(Sequences batch) {
    BitSet rows = new BitSet();
    for (int row : labelled(batch).indices) {
      rows.set(row - row % batch.length(), row + 1);
    }
    return new Rows(batch, rows.stream().toArray());
  }

  /**
   * Those of these rows, which have to have all labelled ones and those before them, that a loss
   * and the states behind the batch need of operations that look at no more than one token back:
   * the labelled rows, the row before each, and each sequence's last, if it is here. These rows
   * themselves where it is most of them: to pick some would cost about what it saves.
   */
  Rows needed() {
    BitSet needed = new BitSet();
    for (int row : labelled(batch).indices) {
      needed.set(row % batch.length() == 0 ? row : row - 1, row + 1);
    }
    for (int place = 0; place < count(); place++) {
      if (isLast(place)) {
        needed.set(indices[place]);
      }
    }
    return 2 * needed.cardinality() > count() ? this : new Rows(batch, needed.stream().toArray());
  }

  int count() {
    return indices.length;
  }

  /** Whether the row at a place is its sequence's first. */
  boolean isFirst(int place) {
    return indices[place] % batch.length() == 0;
  }

  /** Whether it is its sequence's last, which the last one that is here need not be. */
  boolean isLast(int place) {
    return indices[place] % batch.length() == batch.length() - 1;
  }

  /** Whether the row before it in its sequence is here too. */
  boolean hasPrevious(int place) {
    return place > 0 && !isFirst(place) && indices[place - 1] == indices[place] - 1;
  }

  int sequence(int place) {
    return indices[place] / batch.length();
  }

  /** Where each sequence's rows begin here, and where the last one's end. */
  int[] begins() {
    int[] begins = new int[batch.count() + 1];
    for (int index : indices) {
      begins[index / batch.length() + 1]++;
    }
    for (int s = 0; s < batch.count(); s++) {
      begins[s + 1] += begins[s];
    }
    return begins;
  }

  /** Where these rows are among others, which have them all. */
  int[] placesIn(Rows others) {
    return Arrays.stream(indices).map(row -> Arrays.binarySearch(others.indices, row)).toArray();
  }

  /**
   * Copies rows to one behind the other.
   *
   * @param places which rows
   * @param from [.., width]
   * @param to takes [places, width]
   */
  static void gather(int[] places, float[] from, float[] to, int width) {
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(from, places[i] * width, to, i * width, width);
    }
  }

  /**
   * Copies rows that are one behind the other to their places, and zeros to all others.
   *
   * @param places which of the rows of {@code to}
   * @param from [places, width]
   * @param to takes [count, width]
   */
  static void scatter(int[] places, float[] from, float[] to, int count, int width) {
    Arrays.fill(to, 0, count * width, 0);
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(from, i * width, to, places[i] * width, width);
    }
  }
}
