package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y[t] = W x[t]} for many rows of activations, where W is F16. The activations are read
 * where {@link Transpose} put them. What becomes of the sums, and which tiles there are, is in
 * {@link Tiles}.
 */
public final class MatMulF16 {

  /** The work items of a group of {@link #inGroups}: all rows of activations. */
  public static final int ITEMS = MatMul.ITEMS;

  /** The rows of activations that a work item of {@link #plain} takes. */
  public static final int ROWS = MatMul.ROWS;

  private MatMulF16() {}

  /**
   * A group of {@link #ITEMS} a tile, a work item a row of activations, which keeps the sums of the
   * 8 rows of the tile. Weights go through local memory, 16 columns at a time.
   *
   * @param products the {@link ProductsTable}
   * @param columns those of each matrix, or 0 where only the table is to say
   * @param tiles the table of {@link Tiles}
   * @param vectors where the biases are
   * @param weights of several layers, [layers, tiles, in, 8], from the table's first layer on
   */
  public static void inGroups(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors,
      HalfFloatArray weights) {
    float[] part = context.allocateFloatLocalArray(128);
    int item = context.localIdx;
    int ins = ProductsTable.columns(products, columns);
    int tile = (products.get(ProductsTable.FIRST_TILE) + context.groupIdx) * Tiles.SIZE;
    int before =
        (layer.get(0) - products.get(ProductsTable.FIRST_LAYER))
            * products.get(ProductsTable.TILES);
    int at = (before + context.groupIdx) * ins * 8;
    int x = tiles.get(tile + Tiles.TRANSPOSED) + item;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    float s4 = 0.0f;
    float s5 = 0.0f;
    float s6 = 0.0f;
    float s7 = 0.0f;
    int steps = (ins + 15) / 16;
    for (int step = 0; step < steps; step++) {
      for (int half = 0; half < 2; half++) {
        int place = step * 128 + half * 64 + item;
        float weight = 0.0f;
        if (place < ins * 8) {
          weight = weights.get(at + place).getFloat32();
        }
        part[half * 64 + item] = weight;
      }
      context.localBarrier();
      for (int i = 0; i < 16; i++) {
        float number = values.get(x + Math.min(step * 16 + i, ins - 1) * PassTable.MOST_ROWS);
        s0 += part[i * 8] * number;
        s1 += part[i * 8 + 1] * number;
        s2 += part[i * 8 + 2] * number;
        s3 += part[i * 8 + 3] * number;
        s4 += part[i * 8 + 4] * number;
        s5 += part[i * 8 + 5] * number;
        s6 += part[i * 8 + 6] * number;
        s7 += part[i * 8 + 7] * number;
      }
      context.localBarrier();
    }
    if (item < pass.get(products.get(ProductsTable.ROWS))) {
      int place = item * tiles.get(tile + Tiles.Y_STRIDE);
      int y = tiles.get(tile + Tiles.Y) + place;
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
        values.set(y + row, Results.of(tiles, tile, layer, values, vectors, place + row, row, sum));
      }
    }
  }

  /**
   * A work item for {@link #ROWS} rows of activations and a tile, without local memory; those of
   * the same tile stand together. Results of a tile's rows are written behind each other, which a
   * processor's compiler turns into vectors; there is room for all rows of activations. The
   * arguments are those of {@link #inGroups}.
   */
  public static void plain(
      IntArray pass,
      IntArray layer,
      IntArray products,
      int columns,
      IntArray tiles,
      FloatArray values,
      FloatArray vectors,
      HalfFloatArray weights) {
    for (@Parallel int i = 0;
        i
            < products.get(ProductsTable.TILES)
                * ((pass.get(products.get(ProductsTable.ROWS)) + ROWS - 1) / ROWS);
        i++) {
      int ins = ProductsTable.columns(products, columns);
      int rows = pass.get(products.get(ProductsTable.ROWS));
      int parts = (rows + ROWS - 1) / ROWS;
      int from = i % parts * ROWS;
      int tile = (products.get(ProductsTable.FIRST_TILE) + i / parts) * Tiles.SIZE;
      int before =
          (layer.get(0) - products.get(ProductsTable.FIRST_LAYER))
              * products.get(ProductsTable.TILES);
      int at = (before + i / parts) * ins * 8;
      int x = tiles.get(tile + Tiles.TRANSPOSED) + from;
      float[] s0 = new float[ROWS];
      float[] s1 = new float[ROWS];
      float[] s2 = new float[ROWS];
      float[] s3 = new float[ROWS];
      float[] s4 = new float[ROWS];
      float[] s5 = new float[ROWS];
      float[] s6 = new float[ROWS];
      float[] s7 = new float[ROWS];
      for (int t = 0; t < ROWS; t++) {
        s0[t] = 0.0f;
        s1[t] = 0.0f;
        s2[t] = 0.0f;
        s3[t] = 0.0f;
        s4[t] = 0.0f;
        s5[t] = 0.0f;
        s6[t] = 0.0f;
        s7[t] = 0.0f;
      }
      for (int column = 0; column < ins; column++) {
        float w0 = weights.get(at + column * 8).getFloat32();
        float w1 = weights.get(at + column * 8 + 1).getFloat32();
        float w2 = weights.get(at + column * 8 + 2).getFloat32();
        float w3 = weights.get(at + column * 8 + 3).getFloat32();
        float w4 = weights.get(at + column * 8 + 4).getFloat32();
        float w5 = weights.get(at + column * 8 + 5).getFloat32();
        float w6 = weights.get(at + column * 8 + 6).getFloat32();
        float w7 = weights.get(at + column * 8 + 7).getFloat32();
        for (int t = 0; t < ROWS; t++) {
          float number = values.get(x + column * PassTable.MOST_ROWS + t);
          s0[t] = s0[t] + w0 * number;
          s1[t] = s1[t] + w1 * number;
          s2[t] = s2[t] + w2 * number;
          s3[t] = s3[t] + w3 * number;
          s4[t] = s4[t] + w4 * number;
          s5[t] = s5[t] + w5 * number;
          s6[t] = s6[t] + w6 * number;
          s7[t] = s7[t] + w7 * number;
        }
      }
      int stride = tiles.get(tile + Tiles.Y_STRIDE);
      int y = tiles.get(tile + Tiles.Y) + from * stride;
      for (int t = 0; t < ROWS; t++) {
        values.set(y + t * stride, s0[t]);
        values.set(y + t * stride + 1, s1[t]);
        values.set(y + t * stride + 2, s2[t]);
        values.set(y + t * stride + 3, s3[t]);
        values.set(y + t * stride + 4, s4[t]);
        values.set(y + t * stride + 5, s5[t]);
        values.set(y + t * stride + 6, s6[t]);
        values.set(y + t * stride + 7, s7[t]);
      }
      int some = Math.min(ROWS, rows - from);
      for (int t = 0; t < some; t++) {
        for (int row = 0; row < 8; row++) {
          int place = (from + t) * stride + row;
          float sum = values.get(y + t * stride + row);
          values.set(
              y + t * stride + row,
              Results.of(tiles, tile, layer, values, vectors, place, row, sum));
        }
      }
    }
  }
}
