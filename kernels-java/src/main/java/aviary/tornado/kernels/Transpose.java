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
    for (@Parallel int item = 0; item < count * ins * pass.get(rows); item++) {
      int row = item % pass.get(rows);
      int column = item / pass.get(rows) % ins;
      int source = item / pass.get(rows) / ins;
      int tile = sources.get(begin + source) * Tiles.SIZE;
      int x = tiles.get(tile + Tiles.X) + row * tiles.get(tile + Tiles.X_STRIDE);
      values.set(tiles.get(tile + Tiles.TRANSPOSED) + column * 64 + row, values.get(x + column));
    }
  }
}
