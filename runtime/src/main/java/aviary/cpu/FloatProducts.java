package aviary.cpu;

import java.util.Arrays;

/**
 * Products of two matrices of floats in arrays, either of which may be read with rows and columns
 * exchanged, as training needs them: {@code c[m][n] = sum_k a[m][k] b[k][n]}. They are made of the
 * tiles of {@link ManyRows}, for one thread; threads take rows of c each.
 */
public final class FloatProducts {
  private static final int PANEL = ManyRows.PANEL;
  private static final int DEPTH = ManyRows.DEPTH;

  /** The rows of a tile: who shares out rows of c does so in multiples of it. */
  public static final int ROWS = 8;

  /** The floats that {@link #multiply} needs as {@code panel}. */
  public static final int ROOM = PANEL * DEPTH;

  private FloatProducts() {}

  /**
   * A matrix in an array: its element at a row and a column is {@code array[at + row * rowStep +
   * column * columnStep]}.
   *
   * @param rowStep positive, as {@code columnStep}
   */
  public record View(float[] array, int at, int rowStep, int columnStep) {

    /** Rows of so many numbers, one behind the other. */
    public static View of(float[] array, int columns) {
      return new View(array, 0, columns, 1);
    }

    /** The same matrix with rows and columns exchanged. */
    public View exchanged() {
      return new View(array, at, columnStep, rowStep);
    }
  }

  /**
   * Computes the rows {@code from .. to} of c. A number of c is added up in the order of k,
   * whatever the other rows are.
   *
   * @param a [.., depth]
   * @param b [depth, columns], whose rows or columns lie together: one of its steps is 1
   * @param c [.., columns], whose columns lie behind each other
   * @param columns n
   * @param depth k
   * @param add whether to add to what c has
   * @param panel room for {@link #ROOM} floats
   */
  public static void multiply(
      View a,
      View b,
      View c,
      int columns,
      int depth,
      int from,
      int to,
      boolean add,
      float[] panel) {
    if (from >= to) {
      return;
    }
    float[] edge = new float[ROWS * PANEL];
    for (int n = 0; n < columns; n += PANEL) {
      int count = Math.min(PANEL, columns - n);
      for (int k = 0; k < depth; k += DEPTH) {
        int some = Math.min(DEPTH, depth - k);
        pack(b, k, some, n, count, panel);
        boolean more = add || k > 0;
        int last = a.at + (to - 1) * a.rowStep + k * a.columnStep;
        for (int m = from; m < to; m += ROWS) {
          int x = a.at + m * a.rowStep + k * a.columnStep;
          int y = c.at + m * c.rowStep + n;
          if (count == PANEL && m + ROWS <= to) {
            ManyRows.tile(
                panel,
                some,
                a.array,
                x,
                a.rowStep,
                a.columnStep,
                last,
                c.array,
                y,
                c.rowStep,
                more);
          } else {
            int rows = Math.min(ROWS, to - m);
            ManyRows.copy(c.array, y, c.rowStep, edge, 0, PANEL, rows, count);
            ManyRows.tile(
                panel, some, a.array, x, a.rowStep, a.columnStep, last, edge, 0, PANEL, more);
            ManyRows.copy(edge, 0, PANEL, c.array, y, c.rowStep, rows, count);
          }
        }
      }
    }
  }

  /** Some columns of some rows of b as a panel, with zeros for columns that are missing. */
  private static void pack(View b, int k, int rows, int n, int count, float[] panel) {
    if (count < PANEL) {
      Arrays.fill(panel, 0, rows * PANEL, 0);
    }
    int at = b.at + k * b.rowStep + n * b.columnStep;
    if (b.columnStep == 1) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(b.array, at + row * b.rowStep, panel, row * PANEL, count);
      }
    } else if (b.rowStep == 1) {
      new FloatTranspose().write(b.array, at, b.columnStep, panel, 0, PANEL, count, rows);
    } else {
      throw new IllegalArgumentException(
          "steps of %d and %d: one has to be 1".formatted(b.rowStep, b.columnStep));
    }
  }
}
