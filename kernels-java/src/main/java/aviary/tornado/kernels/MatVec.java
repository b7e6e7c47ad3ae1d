package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y = activation(W x)} for one row of activations, where W is F32. Each group computes
 * {@link #ROWS} rows of W: its work items go along the columns, so that neighbours read neighbours,
 * and a number of x that was read serves all rows. Then a work item a row adds up what all of them
 * have.
 *
 * <p>Grid: a group of {@link #ITEMS} for every {@link #ROWS} rows of W.
 */
public final class MatVec {

  /** The work items of a group. */
  public static final int ITEMS = 32;

  /** The rows of W that a group computes. */
  public static final int ROWS = 8;

  private MatVec() {}

  /**
   * Computes the product.
   *
   * @param x where the activations are in {@code values}
   * @param weights W of several layers, [layers, out, in], from layer {@code first} on
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
    int row = context.groupIdx * 8;
    int begin = (layer.get(0) - first) * outs;
    int r0 = begin + Math.min(row, outs - 1);
    int r1 = begin + Math.min(row + 1, outs - 1);
    int r2 = begin + Math.min(row + 2, outs - 1);
    int r3 = begin + Math.min(row + 3, outs - 1);
    int r4 = begin + Math.min(row + 4, outs - 1);
    int r5 = begin + Math.min(row + 5, outs - 1);
    int r6 = begin + Math.min(row + 6, outs - 1);
    int r7 = begin + Math.min(row + 7, outs - 1);
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    float s4 = 0.0f;
    float s5 = 0.0f;
    float s6 = 0.0f;
    float s7 = 0.0f;
    // Two steps at once: fewer times round the loop.
    int steps = (ins + 63) / 64;
    for (int step = 0; step < steps; step++) {
      int i0 = step * 64 + item;
      if (i0 < ins) {
        float number = values.get(x + i0);
        s0 += weights.get(r0 * ins + i0) * number;
        s1 += weights.get(r1 * ins + i0) * number;
        s2 += weights.get(r2 * ins + i0) * number;
        s3 += weights.get(r3 * ins + i0) * number;
        s4 += weights.get(r4 * ins + i0) * number;
        s5 += weights.get(r5 * ins + i0) * number;
        s6 += weights.get(r6 * ins + i0) * number;
        s7 += weights.get(r7 * ins + i0) * number;
      }
      int i1 = step * 64 + 32 + item;
      if (i1 < ins) {
        float number = values.get(x + i1);
        s0 += weights.get(r0 * ins + i1) * number;
        s1 += weights.get(r1 * ins + i1) * number;
        s2 += weights.get(r2 * ins + i1) * number;
        s3 += weights.get(r3 * ins + i1) * number;
        s4 += weights.get(r4 * ins + i1) * number;
        s5 += weights.get(r5 * ins + i1) * number;
        s6 += weights.get(r6 * ins + i1) * number;
        s7 += weights.get(r7 * ins + i1) * number;
      }
    }
    sums[item * 8] = s0;
    sums[item * 8 + 1] = s1;
    sums[item * 8 + 2] = s2;
    sums[item * 8 + 3] = s3;
    sums[item * 8 + 4] = s4;
    sums[item * 8 + 5] = s5;
    sums[item * 8 + 6] = s6;
    sums[item * 8 + 7] = s7;
    context.localBarrier();
    if (item < 8 && row + item < outs) {
      float sum = 0.0f;
      for (int i = 0; i < 32; i++) {
        sum += sums[i * 8 + item];
      }
      values.set(y + row + item, Activations.of(activation, sum));
    }
  }
}
