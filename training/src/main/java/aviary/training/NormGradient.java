package aviary.training;

import aviary.cpu.Lanes;
import aviary.cpu.Sums;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradients of a layer norm or group norm of one row. With {@code z = (x - mean) / deviation},
 * {@code y = z scale + bias} and {@code g = dy scale}: {@code dx = (g - mean(g) - z mean(g z)) /
 * deviation}, {@code dscale = dy z}, {@code dbias = dy}.
 */
final class NormGradient {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private NormGradient() {}

  /**
   * Works on a row.
   *
   * @param at where it begins in x, dy and dx
   * @param groups the equal parts of the row that were normalized each by itself
   * @param dscale takes a sum over rows, as {@code dbias}
   * @param add whether to add to what dx has
   */
  static void row(
      float[] x,
      float[] dy,
      int at,
      int width,
      int groups,
      float epsilon,
      float[] scale,
      float[] dscale,
      float[] dbias,
      float[] dx,
      boolean add) {
    int size = width / groups;
    for (int begin = 0; begin < width; begin += size) {
      group(x, dy, at, begin, size, epsilon, scale, dscale, dbias, dx, add);
    }
  }

  private static void group(
      float[] x,
      float[] dy,
      int at,
      int begin,
      int size,
      float epsilon,
      float[] scale,
      float[] dscale,
      float[] dbias,
      float[] dx,
      boolean add) {
    int end = begin + size;
    FloatVector sums = FloatVector.zero(F);
    for (int i = begin; i < end; i += L) {
      sums = sums.add(FloatVector.fromArray(F, x, at + i, F.indexInRange(i, end)));
    }
    float mean = Sums.one(sums) / size;
    sums = FloatVector.zero(F);
    for (int i = begin; i < end; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, end);
      FloatVector distance = FloatVector.fromArray(F, x, at + i, mask).sub(mean, mask);
      sums = distance.fma(distance, sums);
    }
    float factor = (float) (1 / Math.sqrt(Sums.one(sums) / size + epsilon));
    FloatVector sumOfG = FloatVector.zero(F);
    FloatVector sumOfGz = FloatVector.zero(F);
    for (int i = begin; i < end; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, end);
      FloatVector d = FloatVector.fromArray(F, dy, at + i, mask);
      FloatVector z = FloatVector.fromArray(F, x, at + i, mask).sub(mean, mask).mul(factor);
      FloatVector g = d.mul(FloatVector.fromArray(F, scale, i, mask));
      sumOfG = sumOfG.add(g);
      sumOfGz = g.fma(z, sumOfGz);
      d.fma(z, FloatVector.fromArray(F, dscale, i, mask)).intoArray(dscale, i, mask);
      d.add(FloatVector.fromArray(F, dbias, i, mask)).intoArray(dbias, i, mask);
    }
    float meanOfG = Sums.one(sumOfG) / size;
    float meanOfGz = Sums.one(sumOfGz) / size;
    for (int i = begin; i < end; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, end);
      FloatVector z = FloatVector.fromArray(F, x, at + i, mask).sub(mean).mul(factor);
      FloatVector own =
          FloatVector.fromArray(F, dy, at + i, mask)
              .mul(FloatVector.fromArray(F, scale, i, mask))
              .sub(meanOfG)
              .sub(z.mul(meanOfGz))
              .mul(factor);
      (add ? own.add(FloatVector.fromArray(F, dx, at + i, mask)) : own).intoArray(dx, at + i, mask);
    }
  }
}
