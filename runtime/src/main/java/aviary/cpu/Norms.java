package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Layer norm and group norm. */
public final class Norms {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** All loops of this class. */
  static final VectorLoop LOOP = new VectorLoop();

  private Norms() {}

  /**
   * In each of {@code groups} equal parts of a row: {@code (x - mean) / sqrt(variance + epsilon) *
   * scale + bias}. The variance is that of the distances from the mean, in a second pass, since the
   * difference of two large sums would lose it.
   *
   * @param scale a number a channel of the row, as {@code bias}
   */
  public static void groupNorm(
      float[] x,
      int xAt,
      int width,
      int groups,
      float epsilon,
      float[] scale,
      float[] bias,
      float[] y,
      int yAt) {
    int size = width / groups;
    int whole = LOOP.whole(size);
    for (int begin = 0; begin < width; begin += size) {
      float mean = sum(x, xAt + begin, size) / size;
      float variance = squares(x, xAt + begin, size, mean) / size;
      float factor = (float) (1 / Math.sqrt(variance + epsilon));
      int i = begin;
      for (; i < begin + whole; i += L) {
        FloatVector.fromArray(F, x, xAt + i)
            .sub(mean)
            .mul(factor)
            .fma(FloatVector.fromArray(F, scale, i), FloatVector.fromArray(F, bias, i))
            .intoArray(y, yAt + i);
      }
      for (; i < begin + size; i++) {
        y[yAt + i] = Math.fma((x[xAt + i] - mean) * factor, scale[i], bias[i]);
      }
    }
  }

  /** The sum of {@code size} numbers. */
  public static float sum(float[] x, int at, int size) {
    int whole = Lanes.whole(size);
    float sum = LOOP.isFast() ? sumOfVectors(x, at, whole) : plainSum(x, at, whole);
    for (int i = whole; i < size; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  static float sumOfVectors(float[] x, int at, int size) {
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < size; i += L) {
      sums = sums.add(FloatVector.fromArray(F, x, at + i));
    }
    return Sums.one(sums);
  }

  static float plainSum(float[] x, int at, int size) {
    float[] sums = new float[L];
    for (int i = 0; i < size; i++) {
      sums[i % L] += x[at + i];
    }
    return PlainProducts.sum(sums);
  }

  /** The sum of the squares of their distances from a number. */
  public static float squares(float[] x, int at, int size, float mean) {
    int whole = Lanes.whole(size);
    float sum =
        LOOP.isFast() ? squaresOfVectors(x, at, whole, mean) : plainSquares(x, at, whole, mean);
    for (int i = whole; i < size; i++) {
      sum += (x[at + i] - mean) * (x[at + i] - mean);
    }
    return sum;
  }

  static float squaresOfVectors(float[] x, int at, int size, float mean) {
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < size; i += L) {
      FloatVector distance = FloatVector.fromArray(F, x, at + i).sub(mean);
      sums = distance.fma(distance, sums);
    }
    return Sums.one(sums);
  }

  static float plainSquares(float[] x, int at, int size, float mean) {
    float[] sums = new float[L];
    for (int i = 0; i < size; i++) {
      float distance = x[at + i] - mean;
      sums[i % L] = Math.fma(distance, distance, sums[i % L]);
    }
    return PlainProducts.sum(sums);
  }
}
