package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Activations with rows and columns exchanged, [in, {@link PassTable#MOST_ROWS}], as products of
 * many rows read them: neighbouring work items, or vector lanes, have neighbouring rows. Grid: a
 * work item a number.
 */
public final class Transpose {
  /** The columns that a work item copies. */
  public static final int COLUMNS = 16;

  private Transpose() {}

  /**
   * Copies the activations of some tiles.
   *
   * @param rows where the number of rows is in {@code pass}
   * @param tiles the table of {@link Tiles}
   * @param sources table of the tiles whose activations are copied, one of each source
   * @param begin the first of them
   * @param count how many sources there are
   * @param ins the columns
   */
  public static void activations(
      IntArray pass,
      int rows,
      IntArray tiles,
      IntArray sources,
      int begin,
      int count,
      FloatArray values,
      int ins) {
    for (@Parallel int item = 0;
        item < count * ((ins + COLUMNS - 1) / COLUMNS) * pass.get(rows);
        item++) {
      int blocks = (ins + COLUMNS - 1) / COLUMNS;
      int row = item % pass.get(rows);
      int block = item / pass.get(rows) % blocks;
      int source = item / pass.get(rows) / blocks;
      int tile = sources.get(begin + source) * Tiles.SIZE;
      int x = tiles.get(tile + Tiles.X) + row * tiles.get(tile + Tiles.X_STRIDE);
      int y = tiles.get(tile + Tiles.TRANSPOSED) + row;
      int end = Math.min(block * COLUMNS + COLUMNS, ins);
      for (int column = block * COLUMNS; column < end; column++) {
        values.set(y + column * PassTable.MOST_ROWS, values.get(x + column));
      }
    }
  }
}
