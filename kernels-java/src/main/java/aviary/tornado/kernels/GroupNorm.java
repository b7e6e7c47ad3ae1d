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
 * y gate}. Rows of x may be chosen.
 */
public final class GroupNorm {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  private GroupNorm() {}

  /**
   * A group of {@link #ITEMS} a row and part, which adds up in local memory.
   *
   * @param norm the {@link NormTable}
   * @param knownGroups G, or 0 where only the table is to say
   * @param knownSize the numbers of a part, or 0 likewise
   * @param vectors where scale and bias are
   */
  public static void inGroups(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      IntArray norm,
      int knownGroups,
      int knownSize,
      FloatArray values,
      FloatArray vectors) {
    float[] sums = context.allocateFloatLocalArray(64);
    int item = context.localIdx;
    int groups = NormTable.groups(norm, knownGroups);
    int size = NormTable.size(norm, knownSize);
    int valueStride = norm.get(NormTable.VALUE_STRIDE);
    int row = context.groupIdx / groups;
    int group = context.groupIdx % groups;
    int place = row * valueStride + group * size;
    int rows = pass.get(norm.get(NormTable.ROWS));
    // Groups behind the last row read what that does, and write nothing.
    int known = Math.max(Math.min(row, rows - 1), 0);
    int wanted = pass.get(PassTable.WANTED_ROWS + known);
    int source = known + norm.get(NormTable.WANTED) * (wanted - known);
    int from = norm.get(NormTable.X) + source * valueStride + group * size;
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
    float epsilon = vectors.get(norm.get(NormTable.EPSILON));
    float factor = 1.0f / TornadoMath.sqrt(sums[0] / size + epsilon);

    if (row < rows) {
      int weight = layer.get(0) * norm.get(NormTable.STRIDE) + group * size;
      int scale = norm.get(NormTable.SCALE) + weight;
      int bias = norm.get(NormTable.BIAS) + weight;
      int gate = norm.get(NormTable.GATE);
      int y = norm.get(NormTable.Y) + place;
      for (int step = 0; step < steps; step++) {
        int i = step * 64 + item;
        if (i < size) {
          float normed = (values.get(from + i) - mean) * factor;
          float result = normed * vectors.get(scale + i) + vectors.get(bias + i);
          if (gate >= 0) {
            result = result * values.get(gate + place + i);
          }
          values.set(y + i, result);
        }
      }
    }
  }

  /**
   * A work item a row and part, without local memory. The arguments are those of {@link #inGroups}.
   */
  public static void plain(
      IntArray pass,
      IntArray layer,
      IntArray norm,
      int knownGroups,
      int knownSize,
      FloatArray values,
      FloatArray vectors) {
    for (@Parallel int item = 0;
        item < pass.get(norm.get(NormTable.ROWS)) * NormTable.groups(norm, knownGroups);
        item++) {
      int groups = NormTable.groups(norm, knownGroups);
      int size = NormTable.size(norm, knownSize);
      int valueStride = norm.get(NormTable.VALUE_STRIDE);
      int row = item / groups;
      int group = item % groups;
      int place = row * valueStride + group * size;
      int wanted = pass.get(PassTable.WANTED_ROWS + row);
      int source = row + norm.get(NormTable.WANTED) * (wanted - row);
      int from = norm.get(NormTable.X) + source * valueStride + group * size;
      float sum = 0.0f;
      for (int i = 0; i < size; i++) {
        sum += values.get(from + i);
      }
      float mean = sum / size;
      float squares = 0.0f;
      for (int i = 0; i < size; i++) {
        float distance = values.get(from + i) - mean;
        squares += distance * distance;
      }
      float epsilon = vectors.get(norm.get(NormTable.EPSILON));
      float factor = 1.0f / TornadoMath.sqrt(squares / size + epsilon);
      int weight = layer.get(0) * norm.get(NormTable.STRIDE) + group * size;
      int scale = norm.get(NormTable.SCALE) + weight;
      int bias = norm.get(NormTable.BIAS) + weight;
      int gate = norm.get(NormTable.GATE);
      int y = norm.get(NormTable.Y) + place;
      for (int i = 0; i < size; i++) {
        float normed = (values.get(from + i) - mean) * factor;
        float result = normed * vectors.get(scale + i) + vectors.get(bias + i);
        if (gate >= 0) {
          result = result * values.get(gate + place + i);
        }
        values.set(y + i, result);
      }
    }
  }
}
