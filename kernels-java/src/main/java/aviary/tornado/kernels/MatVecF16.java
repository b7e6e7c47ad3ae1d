package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y = W x} for one row of activations, where W is F16. What becomes of the sums, and which
 * tiles there are, is in {@link Tiles}.
 */
public final class MatVecF16 {

  /** The work items of a group of {@link #inGroups}. */
  public static final int ITEMS = MatVec.ITEMS;

  private MatVecF16() {}

  /**
   * A group of {@link #ITEMS} a tile: its work items are 8 rows by 8 columns, so that neighbours
   * read neighbours, and go along the columns together. Then a work item a row adds up what the 8
   * columns have.
   *
   * @param products the {@link ProductsTable}
   * @param columns those of each matrix, or 0 where only the table is to say
   * @param tiles the table of {@link Tiles}
   * @param vectors where the biases are
   * @param weights of several layers, [layers, tiles, in, 8], from the table's first layer on
   */
  public static void inGroups(
      KernelContext context,
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors,
      HalfFloatArray weights) {
    float[] sums = context.allocateFloatLocalArray(64);
    int item = context.localIdx;
    int ins = ProductsTable.columns(products, columns);
    int tile = (products.get(ProductsTable.FIRST_TILE) + context.groupIdx) * Tiles.SIZE;
    int before =
        (layer.get(0) - products.get(ProductsTable.FIRST_LAYER))
            * products.get(ProductsTable.TILES);
    int at = (before + context.groupIdx) * ins * 8;
    int x = tiles.get(tile + Tiles.X);
    float sum = 0.0f;
    int steps = (ins + 31) / 32;
    for (int step = 0; step < steps; step++) {
      for (int part = 0; part < 4; part++) {
        int column = step * 32 + part * 8;
        if (column + item / 8 < ins) {
          sum +=
              weights.get(at + column * 8 + item).getFloat32() * values.get(x + column + item / 8);
        }
      }
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < 8) {
      float total = 0.0f;
      for (int i = 0; i < 8; i++) {
        total += sums[i * 8 + item];
      }
      int y = tiles.get(tile + Tiles.Y);
      values.set(y + item, Results.of(tiles, tile, layer, values, vectors, item, item, total));
    }
  }

  /**
   * A work item a tile, without local memory. All 8 sums of a tile grow together and are written
   * behind each other, which a processor's compiler turns into vectors. The arguments are those of
   * {@link #inGroups}.
   */
  public static void plain(
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors,
      HalfFloatArray weights) {
    for (@Parallel int i = 0; i < products.get(ProductsTable.TILES); i++) {
      int ins = ProductsTable.columns(products, columns);
      int tile = (products.get(ProductsTable.FIRST_TILE) + i) * Tiles.SIZE;
      int before =
          (layer.get(0) - products.get(ProductsTable.FIRST_LAYER))
              * products.get(ProductsTable.TILES);
      int at = (before + i) * ins * 8;
      int x = tiles.get(tile + Tiles.X);
      float s0 = 0.0f;
      float s1 = 0.0f;
      float s2 = 0.0f;
      float s3 = 0.0f;
      float s4 = 0.0f;
      float s5 = 0.0f;
      float s6 = 0.0f;
      float s7 = 0.0f;
      int steps = ins / 2;
      for (int step = 0; step < steps; step++) {
        for (int part = 0; part < 2; part++) {
          int column = step * 2 + part;
          float number = values.get(x + column);
          s0 += weights.get(at + column * 8).getFloat32() * number;
          s1 += weights.get(at + column * 8 + 1).getFloat32() * number;
          s2 += weights.get(at + column * 8 + 2).getFloat32() * number;
          s3 += weights.get(at + column * 8 + 3).getFloat32() * number;
          s4 += weights.get(at + column * 8 + 4).getFloat32() * number;
          s5 += weights.get(at + column * 8 + 5).getFloat32() * number;
          s6 += weights.get(at + column * 8 + 6).getFloat32() * number;
          s7 += weights.get(at + column * 8 + 7).getFloat32() * number;
        }
      }
      if (steps * 2 < ins) {
        int column = steps * 2;
        float number = values.get(x + column);
        s0 += weights.get(at + column * 8).getFloat32() * number;
        s1 += weights.get(at + column * 8 + 1).getFloat32() * number;
        s2 += weights.get(at + column * 8 + 2).getFloat32() * number;
        s3 += weights.get(at + column * 8 + 3).getFloat32() * number;
        s4 += weights.get(at + column * 8 + 4).getFloat32() * number;
        s5 += weights.get(at + column * 8 + 5).getFloat32() * number;
        s6 += weights.get(at + column * 8 + 6).getFloat32() * number;
        s7 += weights.get(at + column * 8 + 7).getFloat32() * number;
      }
      int y = tiles.get(tile + Tiles.Y);
      values.set(y, s0);
      values.set(y + 1, s1);
      values.set(y + 2, s2);
      values.set(y + 3, s3);
      values.set(y + 4, s4);
      values.set(y + 5, s5);
      values.set(y + 6, s6);
      values.set(y + 7, s7);
      for (int row = 0; row < 8; row++) {
        float sum = values.get(y + row);
        values.set(y + row, Results.of(tiles, tile, layer, values, vectors, row, row, sum));
      }
    }
  }
}
