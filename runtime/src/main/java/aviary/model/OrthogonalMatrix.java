package aviary.model;

import java.util.Arrays;

/**
 * A random matrix W [rows, columns] whose columns are orthogonal and of equal length, {@code W^T W
 * = gain^2 I}; or, if it has more columns than rows, its rows: {@code W W^T = gain^2 I}. That is
 * what {@code torch.nn.init.orthogonal_} makes, with numbers that look as if they came from N(0,
 * gain^2 / max(rows, columns)); but made in n log n steps a row, and any rows alone, where a QR
 * decomposition takes n^2 steps a row and all rows at once.
 *
 * <p>With m the longer side and n the shorter, W (or its transpose) is {@code C V R}.
 *
 * <ul>
 *   <li>R [n, n] is two {@link RandomRotation}s.
 *   <li>V [m, n] repeats the n coordinates until there are m: row i has a single number, in column
 *       i mod n, which is 1 / sqrt of the times that the column is repeated. So V^T V = I.
 *   <li>C [m, m] is a random rotation of each of ceil(m / n) groups of rows, which are of equal
 *       size or one apart. A group holds each column at most once, and all of those that are
 *       repeated once more than the others; so the groups' rows are equally long.
 * </ul>
 *
 * @param rows the outputs
 * @param columns the inputs
 * @param gain the length of the orthogonal columns or rows
 * @param random which matrix
 */
record OrthogonalMatrix(int rows, int columns, float gain, RandomNumbers random)
    implements WeightSource {

  @Override
  public Reader reader() {
    return new Rows(this);
  }

  private int shorter() {
    return Math.min(rows, columns);
  }

  private int longer() {
    return Math.max(rows, columns);
  }

  private int groups() {
    return Math.ceilDiv(longer(), shorter());
  }

  /** The size of the groups; the first {@code longer % groups} have one more. */
  private int groupSize() {
    return longer() / groups();
  }

  /** Where a group begins on the longer side. */
  private int groupStart(int group) {
    return group * groupSize() + Math.min(group, longer() % groups());
  }

  /** The group of a place on the longer side. */
  private int group(int place) {
    int ofLarger = longer() % groups() * (groupSize() + 1);
    return place < ofLarger
        ? place / (groupSize() + 1)
        : longer() % groups() + (place - ofLarger) / groupSize();
  }

  private RandomRotation groupRotation(int group) {
    int size = groupStart(group + 1) - groupStart(group);
    return new RandomRotation(size, random.branch(2 + group));
  }

  /** The gain times what V has in a column. */
  private float repeated(int column) {
    int times = longer() / shorter() + (column < longer() % shorter() ? 1 : 0);
    return (float) (gain / Math.sqrt(times));
  }

  /** Makes rows, and keeps the last one, of which the next range may want the rest. */
  private static final class Rows implements Reader {
    private final OrthogonalMatrix matrix;
    private final RandomRotation first;
    private final RandomRotation second;
    private final RandomRotation[] groupRotations;
    private final float[] repeated;

    private final float[] inGroup;
    private final float[] row;
    private long made = -1;

    Rows(OrthogonalMatrix matrix) {
      this.matrix = matrix;
      first = new RandomRotation(matrix.shorter(), matrix.random.branch(0));
      second = new RandomRotation(matrix.shorter(), matrix.random.branch(1));
      groupRotations = new RandomRotation[matrix.groups()];
      repeated = new float[matrix.shorter()];
      for (int i = 0; i < repeated.length; i++) {
        repeated[i] = matrix.repeated(i);
      }
      inGroup = new float[matrix.groupSize() + 1];
      row = new float[matrix.columns];
    }

    @Override
    public void read(long start, int count, float[] out) {
      int columns = matrix.columns;
      for (int done = 0; done < count; ) {
        long wanted = (start + done) / columns;
        int from = (int) ((start + done) % columns);
        int length = Math.min(columns - from, count - done);
        if (wanted != made) {
          make((int) wanted);
          made = wanted;
        }
        System.arraycopy(row, from, out, done, length);
        done += length;
      }
    }

    private void make(int wanted) {
      if (matrix.rows >= matrix.columns) {
        makeOfTall(wanted);
      } else {
        makeOfWide(wanted);
      }
    }

    /** The unit row, rotated in its group, gathered by columns, and rotated there. */
    private void makeOfTall(int wanted) {
      int group = matrix.group(wanted);
      int start = matrix.groupStart(group);
      int size = matrix.groupStart(group + 1) - start;
      Arrays.fill(inGroup, 0);
      inGroup[wanted - start] = 1;
      rotation(group).apply(inGroup);
      Arrays.fill(row, 0);
      for (int i = 0; i < size; i++) {
        int column = (start + i) % repeated.length;
        row[column] += inGroup[i] * repeated[column];
      }
      first.apply(row);
      second.apply(row);
    }

    /** The unit row, rotated, repeated over all columns, and rotated in each group of these. */
    private void makeOfWide(int wanted) {
      float[] shorter = new float[repeated.length];
      shorter[wanted] = 1;
      first.apply(shorter);
      second.apply(shorter);
      for (int group = 0; group < matrix.groups(); group++) {
        int start = matrix.groupStart(group);
        int size = matrix.groupStart(group + 1) - start;
        for (int i = 0; i < size; i++) {
          int column = (start + i) % repeated.length;
          inGroup[i] = shorter[column] * repeated[column];
        }
        rotation(group).apply(inGroup);
        System.arraycopy(inGroup, 0, row, start, size);
      }
    }

    private RandomRotation rotation(int group) {
      if (groupRotations[group] == null) {
        groupRotations[group] = matrix.groupRotation(group);
      }
      return groupRotations[group];
    }
  }
}
