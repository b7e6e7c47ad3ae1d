package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y[t] = activation(W x[t])} for many rows of activations, where W is F32. A group computes
 * a tile of {@link #TOKENS} rows by {@link #OUTS} results: tiles of W and x go through local
 * memory, 8 columns at a time, and each work item keeps one result of every row.
 *
 * <p>Grid: a group of {@link #ITEMS} for every tile; those of the same results stand together.
 */
public final class MatMul {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  /** The rows of activations of a tile. */
  public static final int TOKENS = 8;

  /** The results a row of a tile. */
  public static final int OUTS = 64;

  private MatMul() {}

  /**
   * Computes the product.
   *
   * @param rows where the number of rows is in {@code pass}
   * @param weights W of several layers, [layers, out, in], from layer {@code first} on
   * @param x where the activations [rows, in] are in {@code values}
   * @param y where the results go in {@code values}
   * @param ins the columns of W
   * @param outs the rows of W
   * @param stride how far apart the results of two rows of activations are
   * @param activation one of {@link Activations}
   */
  public static void product(
      KernelContext context,
      IntArray pass,
      int rows,
      IntArray layer,
      int first,
      FloatArray values,
      int x,
      FloatArray weights,
      int y,
      int ins,
      int outs,
      int stride,
      int activation) {
    float[] tile = context.allocateFloatLocalArray(576);
    float[] numbers = context.allocateFloatLocalArray(64);
    int item = context.localIdx;
    int count = pass.get(rows);
    int tiles = (count + 7) / 8;
    int token = context.groupIdx % tiles * 8;
    int out = context.groupIdx / tiles * 64;
    int begin = (layer.get(0) - first) * outs;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    float s4 = 0.0f;
    float s5 = 0.0f;
    float s6 = 0.0f;
    float s7 = 0.0f;
    int steps = (ins + 7) / 8;
    for (int step = 0; step < steps; step++) {
      int column = step * 8;
      for (int load = 0; load < 8; load++) {
        int place = load * 64 + item;
        int o = Math.min(out + place / 8, outs - 1);
        int i = column + place % 8;
        float weight = 0.0f;
        if (i < ins) {
          weight = weights.get((begin + o) * ins + i);
        }
        tile[place / 8 * 9 + place % 8] = weight;
      }
      int t = Math.min(token + item / 8, count - 1);
      int at = column + item % 8;
      float number = 0.0f;
      if (at < ins) {
        number = values.get(x + t * ins + at);
      }
      numbers[item] = number;
      context.localBarrier();
      for (int i = 0; i < 8; i++) {
        float weight = tile[item * 9 + i];
        s0 += weight * numbers[i];
        s1 += weight * numbers[8 + i];
        s2 += weight * numbers[16 + i];
        s3 += weight * numbers[24 + i];
        s4 += weight * numbers[32 + i];
        s5 += weight * numbers[40 + i];
        s6 += weight * numbers[48 + i];
        s7 += weight * numbers[56 + i];
      }
      context.localBarrier();
    }
    if (out + item < outs) {
      int to = y + token * stride + out + item;
      if (token < count) {
        values.set(to, Activations.of(activation, s0));
      }
      if (token + 1 < count) {
        values.set(to + stride, Activations.of(activation, s1));
      }
      if (token + 2 < count) {
        values.set(to + 2 * stride, Activations.of(activation, s2));
      }
      if (token + 3 < count) {
        values.set(to + 3 * stride, Activations.of(activation, s3));
      }
      if (token + 4 < count) {
        values.set(to + 4 * stride, Activations.of(activation, s4));
      }
      if (token + 5 < count) {
        values.set(to + 5 * stride, Activations.of(activation, s5));
      }
      if (token + 6 < count) {
        values.set(to + 6 * stride, Activations.of(activation, s6));
      }
      if (token + 7 < count) {
        values.set(to + 7 * stride, Activations.of(activation, s7));
      }
    }
  }
}
