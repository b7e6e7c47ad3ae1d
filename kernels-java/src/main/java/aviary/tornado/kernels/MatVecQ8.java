package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y = W x} for one row of activations, where W is Q8_0, bytes and a scale for every 32
 * columns of a row. What becomes of the sums, and which tiles there are, is in {@link Tiles}.
 */
public final class MatVecQ8 {

  /** The work items of a group of {@link #inGroups}. */
  public static final int ITEMS = MatVec.ITEMS;

  private MatVecQ8() {}

  /**
   * A group of {@link #ITEMS} a tile: its work items are 8 rows by 8 columns, so that neighbours
   * read neighbours, and go along the columns together. Then a work item a row adds up what the 8
   * columns have.
   *
   * @param products the {@link ProductsTable}, whose columns are a multiple of 32
   * @param columns those of each matrix, or 0 where only the table is to say
   * @param tiles the table of {@link Tiles}
   * @param vectors where the biases are
   * @param weights of several layers, [layers, tiles, in, 8], from the table's first layer on
   * @param scales their scales, [layers, tiles, in / 32, 8]
   */
  public static void inGroups(
      KernelContext context,
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors,
      Int8Array weights,
      FloatArray scales) {
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
    int scale = at / 32;
    int steps = ins / 32;
    for (int step = 0; step < steps; step++) {
      float inBlock = 0.0f;
      for (int part = 0; part < 4; part++) {
        int column = step * 32 + part * 8;
        inBlock += weights.get(at + column * 8 + item) * values.get(x + column + item / 8);
      }
      sum += inBlock * scales.get(scale + step * 8 + item % 8);
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
      Int8Array weights,
      FloatArray scales) {
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
      int blocks = at / 32;
      int steps = ins / 8;
      for (int step = 0; step < steps; step++) {
        int from = at + step * 64;
        float b0 = 0.0f;
        float b1 = 0.0f;
        float b2 = 0.0f;
        float b3 = 0.0f;
        float b4 = 0.0f;
        float b5 = 0.0f;
        float b6 = 0.0f;
        float b7 = 0.0f;
        for (int column = 0; column < 8; column++) {
          float number = values.get(x + step * 8 + column);
          b0 += weights.get(from + column * 8) * number;
          b1 += weights.get(from + column * 8 + 1) * number;
          b2 += weights.get(from + column * 8 + 2) * number;
          b3 += weights.get(from + column * 8 + 3) * number;
          b4 += weights.get(from + column * 8 + 4) * number;
          b5 += weights.get(from + column * 8 + 5) * number;
          b6 += weights.get(from + column * 8 + 6) * number;
          b7 += weights.get(from + column * 8 + 7) * number;
        }
        int scale = blocks + step / 4 * 8;
        s0 += b0 * scales.get(scale);
        s1 += b1 * scales.get(scale + 1);
        s2 += b2 * scales.get(scale + 2);
        s3 += b3 * scales.get(scale + 3);
        s4 += b4 * scales.get(scale + 4);
        s5 += b5 * scales.get(scale + 5);
        s6 += b6 * scales.get(scale + 6);
        s7 += b7 * scales.get(scale + 7);
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
