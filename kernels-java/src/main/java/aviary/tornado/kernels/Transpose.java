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
   * @param products the {@link ProductsTable}
   * @param tiles the table of {@link Tiles}
   * @param sources table of the tiles whose activations are copied, one of each source
   */
  public static void activations(
      IntArray pass, IntArray products, IntArray tiles, IntArray sources, FloatArray values) {
    for (@Parallel int item = 0;
        item
            < products.get(ProductsTable.SOURCES)
                * ((products.get(ProductsTable.COLUMNS) + COLUMNS - 1) / COLUMNS)
                * pass.get(products.get(ProductsTable.ROWS));
        item++) {
      int ins = products.get(ProductsTable.COLUMNS);
      int rows = pass.get(products.get(ProductsTable.ROWS));
      int blocks = (ins + COLUMNS - 1) / COLUMNS;
      int row = item % rows;
      int block = item / rows % blocks;
      int source = products.get(ProductsTable.FIRST_SOURCE) + item / rows / blocks;
      int tile = sources.get(source) * Tiles.SIZE;
      int x = tiles.get(tile + Tiles.X) + row * tiles.get(tile + Tiles.X_STRIDE);
      int y = tiles.get(tile + Tiles.TRANSPOSED) + row;
      int end = Math.min(block * COLUMNS + COLUMNS, ins);
      for (int column = block * COLUMNS; column < end; column++) {
        values.set(y + column * PassTable.MOST_ROWS, values.get(x + column));
      }
    }
  }
}
