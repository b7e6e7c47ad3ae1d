package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y = activation(W x)} for one row of activations, where W is Q8_0: bytes, and a scale for
 * every 32 of a row. Each work item takes whole blocks, so that it reads a scale once for 32
 * weights.
 *
 * <p>Grid: a group of {@link #ITEMS} for every {@link #ROWS} rows of W.
 */
public final class MatVecQ8 {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  /** The rows of W that a group computes. */
  public static final int ROWS = 4;

  private MatVecQ8() {}

  /**
   * Computes the product.
   *
   * @param weights W of several layers, [layers, out, in], from layer {@code first} on
   * @param scales their scales, [layers, out, in / 32]
   * @param x where the activations are in {@code values}
   * @param y where the results go in {@code values}
   * @param ins the columns of W, a multiple of 32
   * @param outs the rows of W
   * @param activation one of {@link Activations}
   */
  public static void product(
      KernelContext context,
      IntArray layer,
      int first,
      FloatArray values,
      int x,
      Int8Array weights,
      FloatArray scales,
      int y,
      int ins,
      int outs,
      int activation) {
    float[] sums = context.allocateFloatLocalArray(256);
    int item = context.localIdx;
    int row = context.groupIdx * 4;
    int blocks = ins / 32;
    int begin = (layer.get(0) - first) * outs;
    int r0 = begin + Math.min(row + 0, outs - 1);
    int r1 = begin + Math.min(row + 1, outs - 1);
    int r2 = begin + Math.min(row + 2, outs - 1);
    int r3 = begin + Math.min(row + 3, outs - 1);
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    int steps = (blocks + 63) / 64;
    for (int step = 0; step < steps; step++) {
      int block = step * 64 + item;
      if (block < blocks) {
        float b0 = 0.0f;
        float b1 = 0.0f;
        float b2 = 0.0f;
        float b3 = 0.0f;
        int at = block * 32;
        for (int i = 0; i < 32; i++) {
          float number = values.get(x + at + i);
          b0 += weights.get(r0 * ins + at + i) * number;
          b1 += weights.get(r1 * ins + at + i) * number;
          b2 += weights.get(r2 * ins + at + i) * number;
          b3 += weights.get(r3 * ins + at + i) * number;
        }
        s0 += b0 * scales.get(r0 * blocks + block);
        s1 += b1 * scales.get(r1 * blocks + block);
        s2 += b2 * scales.get(r2 * blocks + block);
        s3 += b3 * scales.get(r3 * blocks + block);
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
