package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y = activation(W x)} for one row of activations, where W is F32. Each group computes
 * {@link #ROWS} rows of W: its work items go along the columns, so that neighbours read neighbours,
 * and a number of x that was read serves all rows; then the items' sums are added in local memory.
 *
 * <p>Grid: a group of {@link #ITEMS} for every {@link #ROWS} rows of W.
 */
public final class MatVec {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  /** The rows of W that a group computes. */
  public static final int ROWS = 4;

  private MatVec() {}

  /**
   * Computes the product.
   *
   * @param weights W of several layers, [layers, out, in], from layer {@code first} on
   * @param x where the activations are in {@code values}
   * @param y where the results go in {@code values}
   * @param ins the columns of W
   * @param outs the rows of W
   * @param activation one of {@link Activations}
   */
  public static void product(
      KernelContext context,
      IntArray layer,
      int first,
      FloatArray values,
      int x,
      FloatArray weights,
      int y,
      int ins,
      int outs,
      int activation) {
    float[] sums = context.allocateFloatLocalArray(256);
    int item = context.localIdx;
    int row = context.groupIdx * 4;
    int begin = (layer.get(0) - first) * outs * ins;
    int w0 = begin + Math.min(row + 0, outs - 1) * ins;
    int w1 = begin + Math.min(row + 1, outs - 1) * ins;
    int w2 = begin + Math.min(row + 2, outs - 1) * ins;
    int w3 = begin + Math.min(row + 3, outs - 1) * ins;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    int steps = (ins + 63) / 64;
    for (int step = 0; step < steps; step++) {
      int i = step * 64 + item;
      if (i < ins) {
        float number = values.get(x + i);
        s0 += weights.get(w0 + i) * number;
        s1 += weights.get(w1 + i) * number;
        s2 += weights.get(w2 + i) * number;
        s3 += weights.get(w3 + i) * number;
      }
    }
    sums[item] = s0;
    sums[64 + item] = s1;
    sums[128 + item] = s2;
    sums[192 + item] = s3;
    for (int half = 32; half > 0; half = half / 2) {
      context.localBarrier();
      if (item < half) {
        sums[item] = sums[item] + sums[item + half];
        sums[64 + item] = sums[64 + item] + sums[64 + item + half];
        sums[128 + item] = sums[128 + item] + sums[128 + item + half];
        sums[192 + item] = sums[192 + item] + sums[192 + item + half];
      }
    }
    context.localBarrier();
    if (item < 4 && row + item < outs) {
      values.set(y + row + item, Activations.of(activation, sums[item * 64]));
    }
  }
}
