package aviary.training;

import aviary.cpu.Functions;
import aviary.cpu.Lanes;
import aviary.model.Op.Activation;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What is done to each number by itself, of a stretch of numbers from {@code at} on. */
final class RowMath {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private RowMath() {}

  /** {@code y = x}, or {@code y += x}. */
  static void add(float[] x, int at, float[] y, boolean add, int n) {
    if (!add) {
      System.arraycopy(x, at, y, at, n);
      return;
    }
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, x, at + i, mask)
          .add(FloatVector.fromArray(F, y, at + i, mask))
          .intoArray(y, at + i, mask);
    }
  }

  /** {@code sum[i] += x[at + i]}. */
  static void addTo(float[] x, int at, float[] sum, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, x, at + i, mask)
          .add(FloatVector.fromArray(F, sum, i, mask))
          .intoArray(sum, i, mask);
    }
  }

  /** {@code y = a b}, or {@code y += a b}. */
  static void multiply(float[] a, float[] b, int at, float[] y, boolean add, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector own =
          FloatVector.fromArray(F, a, at + i, mask).mul(FloatVector.fromArray(F, b, at + i, mask));
      (add ? own.add(FloatVector.fromArray(F, y, at + i, mask)) : own).intoArray(y, at + i, mask);
    }
  }

  /** {@code y[at + i] = x[at + i] + base[i]}. */
  static void addBase(float[] x, int at, float[] base, float[] y, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector.fromArray(F, x, at + i, mask)
          .add(FloatVector.fromArray(F, base, i, mask))
          .intoArray(y, at + i, mask);
    }
  }

  /** An activation in place. */
  static void activate(Activation activation, float[] x, int at, int n) {
    switch (activation) {
      case NONE -> {}
      case TANH -> Functions.tanh(x, at, n);
      case SIGMOID -> Functions.sigmoid(x, at, n);
      case SILU -> Functions.silu(x, at, n);
      case SQUARED_RELU -> Functions.squaredRelu(x, at, n);
    }
  }

  /**
   * {@code dx = dy f'(x)}.
   *
   * @param x what the activation was given; looked at for SILU only
   * @param y what it gave
   */
  static void activationGradient(
      Activation activation, float[] x, float[] y, float[] dy, float[] dx, int at, int n) {
    if (activation == Activation.SILU) {
      // Where x is needed, as y has its sigmoid multiplied by it: 1 + x (1 - s), times s.
      float[] s = Arrays.copyOfRange(x, at, at + n);
      Functions.sigmoid(s, 0, n);
      for (int i = 0; i < n; i += L) {
        VectorMask<Float> mask = F.indexInRange(i, n);
        FloatVector sigmoid = FloatVector.fromArray(F, s, i, mask);
        FloatVector result = FloatVector.fromArray(F, y, at + i, mask);
        sigmoid
            .add(result.mul(FloatVector.broadcast(F, 1).sub(sigmoid)))
            .mul(FloatVector.fromArray(F, dy, at + i, mask))
            .intoArray(dx, at + i, mask);
      }
      return;
    }
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector d = FloatVector.fromArray(F, dy, at + i, mask);
      FloatVector result = FloatVector.fromArray(F, y, at + i, mask);
      FloatVector own =
          switch (activation) {
            case TANH -> d.sub(d.mul(result).mul(result));
            case SIGMOID -> d.mul(result).sub(d.mul(result).mul(result));
            case SQUARED_RELU -> d.mul(result.lanewise(VectorOperators.SQRT)).mul(2);
            case NONE, SILU -> d;
          };
      own.intoArray(dx, at + i, mask);
    }
  }

  /**
   * Of {@code w = exp(-exp(x))}: {@code dx = -dw exp(x) w}.
   *
   * @param x as it was given; becomes its exponential
   */
  static void decayGradient(float[] x, float[] w, float[] dw, float[] dx, int at, int n) {
    Functions.exp(1, x, at, n);
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      // Where the exponential is infinite, the decay is 0, and so is this.
      FloatVector.fromArray(F, x, at + i, mask)
          .min(Float.MAX_VALUE)
          .mul(FloatVector.fromArray(F, w, at + i, mask))
          .mul(FloatVector.fromArray(F, dw, at + i, mask))
          .neg()
          .intoArray(dx, at + i, mask);
    }
  }
}
