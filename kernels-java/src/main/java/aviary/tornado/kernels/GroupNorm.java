package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * In each of G equal parts of a row: {@code y = (x - mean) / sqrt(variance + epsilon) * scale +
 * bias}. A layer norm has one part. The variance is that of the distances from the mean, in a
 * second pass, since the difference of two large sums would lose it. A gate may follow: {@code y =
 * y gate}.
 */
public final class GroupNorm {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  private GroupNorm() {}

  /**
   * A group of {@link #ITEMS} a row and part, which adds up in local memory.
   *
   * @param rows where the number of rows is in {@code pass}
   * @param scale where layer 0's scale [D] is in {@code vectors}; a layer's is {@code stride}
   *     behind the one before, and the same holds for {@code bias}
   * @param gate where the numbers are that results are multiplied by, or {@link Tiles#NONE}
   * @param width D
   * @param valueStride how far apart two rows of values are
   * @param groups G
   */
  public static void inGroups(
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
      int gate,
      int width,
      int valueStride,
      int groups,
      float epsilon) {
    float[] sums = context.allocateFloatLocalArray(64);
    int item = context.localIdx;
    int row = context.groupIdx / groups;
    int group = context.groupIdx % groups;
    int size = width / groups;
    int from = x + row * valueStride + group * size;
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
      int place = row * valueStride + group * size;
      for (int step = 0; step < steps; step++) {
        int i = step * 64 + item;
        if (i < size) {
          float normed = (values.get(from + i) - mean) * factor;
          float result = normed * vectors.get(scale + weight + i) + vectors.get(bias + weight + i);
          if (gate >= 0) {
            result = result * values.get(gate + place + i);
          }
          values.set(y + place + i, result);
        }
      }
    }
  }

  /**
   * A work item a row and part, without local memory. The arguments are those of {@link #inGroups}.
   */
  public static void plain(
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
      int gate,
      int width,
      int valueStride,
      int groups,
      float epsilon) {
    for (@Parallel int item = 0; item < pass.get(rows) * groups; item++) {
      int size = width / groups;
      int place = item / groups * valueStride + item % groups * size;
      float sum = 0.0f;
      for (int i = 0; i < size; i++) {
        sum += values.get(x + place + i);
      }
      float mean = sum / size;
      float squares = 0.0f;
      for (int i = 0; i < size; i++) {
        float distance = values.get(x + place + i) - mean;
        squares += distance * distance;
      }
      float factor = 1.0f / TornadoMath.sqrt(squares / size + epsilon);
      int weight = layer.get(0) * stride + item % groups * size;
      for (int i = 0; i < size; i++) {
        float normed = (values.get(x + place + i) - mean) * factor;
        float result = normed * vectors.get(scale + weight + i) + vectors.get(bias + weight + i);
        if (gate >= 0) {
          result = result * values.get(gate + place + i);
        }
        values.set(y + place + i, result);
      }
    }
  }
}
