package aviary.training;

import aviary.cpu.Lanes;
import aviary.cpu.Norms;
import aviary.cpu.Sums;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradients of a layer norm or group norm of one row, which are added to what is there. With
 * {@code z = (x - mean) / deviation}, {@code y = z scale + bias} and {@code g = dy scale}: {@code
 * dx += (g - mean(g) - z mean(g z)) / deviation}, {@code dscale += dy z}, {@code dbias += dy}.
 *
 * @param x rows of the width of {@code scale}, as {@code dy} and {@code dx}
 * @param groups the equal parts of a row that were normalized each by itself
 * @param scale a number a channel of a row
 */
record NormGradient(float[] x, float[] dy, float[] dx, int groups, float epsilon, float[] scale) {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /**
   * Works on a row.
   *
   * @param at where it begins in x, dy and dx
   * @param dscale takes a sum over rows, as {@code dbias}
   */
  void row(int at, float[] dscale, float[] dbias) {
    int size = scale.length / groups;
    for (int begin = 0; begin < scale.length; begin += size) {
      float mean = Norms.sum(x, at + begin, size) / size;
      float variance = Norms.squares(x, at + begin, size, mean) / size;
      float factor = (float) (1 / Math.sqrt(variance + epsilon));
      toScale(at, begin, size, mean, factor, dscale);
      RowMath.add(dy, at + begin, dbias, begin, size);
      float meanOfG = sumOfG(at, begin, size) / size;
      float meanOfGz = sumOfGz(at, begin, size, mean, factor) / size;
      toInput(at, begin, size, mean, factor, meanOfG, meanOfGz);
    }
  }

  private void toScale(int at, int begin, int size, float mean, float factor, float[] dscale) {
    int i = begin;
    for (; i < begin + Lanes.whole(size); i += L) {
      FloatVector z = FloatVector.fromArray(F, x, at + i).sub(mean).mul(factor);
      FloatVector.fromArray(F, dy, at + i)
          .fma(z, FloatVector.fromArray(F, dscale, i))
          .intoArray(dscale, i);
    }
    for (; i < begin + size; i++) {
      dscale[i] = Math.fma(dy[at + i], (x[at + i] - mean) * factor, dscale[i]);
    }
  }

  private float sumOfG(int at, int begin, int size) {
    FloatVector sums = FloatVector.zero(F);
    int i = begin;
    for (; i < begin + Lanes.whole(size); i += L) {
      sums = sums.add(FloatVector.fromArray(F, dy, at + i).mul(FloatVector.fromArray(F, scale, i)));
    }
    float sum = Sums.one(sums);
    for (; i < begin + size; i++) {
      sum += dy[at + i] * scale[i];
    }
    return sum;
  }

  private float sumOfGz(int at, int begin, int size, float mean, float factor) {
    FloatVector sums = FloatVector.zero(F);
    int i = begin;
    for (; i < begin + Lanes.whole(size); i += L) {
      FloatVector z = FloatVector.fromArray(F, x, at + i).sub(mean).mul(factor);
      sums =
          FloatVector.fromArray(F, dy, at + i).mul(FloatVector.fromArray(F, scale, i)).fma(z, sums);
    }
    float sum = Sums.one(sums);
    for (; i < begin + size; i++) {
      sum += dy[at + i] * scale[i] * ((x[at + i] - mean) * factor);
    }
    return sum;
  }

  private void toInput(
      int at, int begin, int size, float mean, float factor, float meanOfG, float meanOfGz) {
    int i = begin;
    for (; i < begin + Lanes.whole(size); i += L) {
      FloatVector z = FloatVector.fromArray(F, x, at + i).sub(mean).mul(factor);
      FloatVector.fromArray(F, dy, at + i)
          .mul(FloatVector.fromArray(F, scale, i))
          .sub(meanOfG)
          .sub(z.mul(meanOfGz))
          .mul(factor)
          .add(FloatVector.fromArray(F, dx, at + i))
          .intoArray(dx, at + i);
    }
    for (; i < begin + size; i++) {
      float z = (x[at + i] - mean) * factor;
      dx[at + i] += (dy[at + i] * scale[i] - meanOfG - z * meanOfGz) * factor;
    }
  }
}
