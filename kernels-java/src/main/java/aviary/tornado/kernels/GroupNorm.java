package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * In each of G equal parts of a row: {@code y = (x - mean) / sqrt(variance + epsilon) * scale +
 * bias}. A layer norm has one part. The variance is that of the distances from the mean, in a
 * second pass, since the difference of two large sums would lose it.
 *
 * <p>Grid: a group of {@link #ITEMS} a row and part.
 */
public final class GroupNorm {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  private GroupNorm() {}

  /**
   * Normalizes all rows.
   *
   * @param rows where the number of rows is in {@code pass}
   * @param scale where layer 0's scale [D] is in {@code vectors}; a layer's is {@code stride}
   *     behind the one before, and the same holds for {@code bias}
   * @param groups G
   */
  public static void normalizeRows(
      KernelContext context,
      IntArray pass,
      int rows,
      IntArray layer,
      FloatArray values,
      int x,
      FloatArray vectors,
      int scale,
      int bias,
      int stride,
      int y,
      int width,
      int groups,
      float epsilon) {
    float[] sums = context.allocateFloatLocalArray(64);
    int item = context.localIdx;
    int row = context.groupIdx / groups;
    int group = context.groupIdx % groups;
    int size = width / groups;
    int from = x + row * width + group * size;
    int steps = (size + 63) / 64;

    float sum = 0.0f;
    for (int step = 0; step < steps; step++) {
      int i = step * 64 + item;
      if (i < size) {
        sum += values.get(from + i);
      }
    }
    sums[item] = sum;
    for (int half = 32; half > 0; half = half / 2) {
      context.localBarrier();
      if (item < half) {
        sums[item] = sums[item] + sums[item + half];
      }
    }
    context.localBarrier();
    float mean = sums[0] / size;
    context.localBarrier();

    float squares = 0.0f;
    for (int step = 0; step < steps; step++) {
      int i = step * 64 + item;
      if (i < size) {
        float distance = values.get(from + i) - mean;
        squares += distance * distance;
      }
    }
    sums[item] = squares;
    for (int half = 32; half > 0; half = half / 2) {
      context.localBarrier();
      if (item < half) {
        sums[item] = sums[item] + sums[item + half];
      }
    }
    context.localBarrier();
    float factor = 1.0f / TornadoMath.sqrt(sums[0] / size + epsilon);

    if (row < pass.get(rows)) {
      int weight = layer.get(0) * stride + group * size;
      int to = y + row * width + group * size;
      for (int step = 0; step < steps; step++) {
        int i = step * 64 + item;
        if (i < size) {
          float normed = (values.get(from + i) - mean) * factor;
          values.set(
              to + i, normed * vectors.get(scale + weight + i) + vectors.get(bias + weight + i));
        }
      }
    }
  }
}
