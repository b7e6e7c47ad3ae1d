package aviary.training;

import aviary.cpu.Functions;
import aviary.cpu.Lanes;
import aviary.model.Op.Activation;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What is done to each number by itself, of {@code n} numbers from {@code at} on: those of a row.
 *
 * <p>Loops have no masks, and one way through them: where they had, the compiler made objects of
 * vectors in some runs and not in others, and training took up to twice as long.
 */
final class RowMath {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private RowMath() {}

  /** {@code y += x}. */
  static void add(float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector.fromArray(F, x, xAt + i)
          .add(FloatVector.fromArray(F, y, yAt + i))
          .intoArray(y, yAt + i);
    }
    for (; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  /** {@code y += a b}. */
  static void addProduct(float[] a, float[] b, int at, float[] y, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector.fromArray(F, a, at + i)
          .mul(FloatVector.fromArray(F, b, at + i))
          .add(FloatVector.fromArray(F, y, at + i))
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] += a[at + i] * b[at + i];
    }
  }

  /**
   * {@code dy = dy f'(x)}.
   *
   * @param x what the activation was given; looked at for SILU only
   * @param y what it gave
   */
  static void activationGradient(
      Activation activation, float[] x, float[] y, float[] dy, int at, int n) {
    switch (activation) {
      case NONE -> {}
      case TANH -> tanhGradient(y, dy, at, n);
      case SIGMOID -> sigmoidGradient(y, dy, at, n);
      case SILU -> siluGradient(x, y, dy, at, n);
      case SQUARED_RELU -> squaredReluGradient(y, dy, at, n);
    }
  }

  private static void tanhGradient(float[] y, float[] dy, int at, int n) {
    int i = at;
    for (; i < at + Lanes.whole(n); i += L) {
      FloatVector d = FloatVector.fromArray(F, dy, i);
      FloatVector result = FloatVector.fromArray(F, y, i);
      d.sub(d.mul(result).mul(result)).intoArray(dy, i);
    }
    for (; i < at + n; i++) {
      dy[i] -= dy[i] * y[i] * y[i];
    }
  }

  private static void sigmoidGradient(float[] y, float[] dy, int at, int n) {
    int i = at;
    for (; i < at + Lanes.whole(n); i += L) {
      FloatVector result = FloatVector.fromArray(F, y, i);
      FloatVector d = FloatVector.fromArray(F, dy, i).mul(result);
      d.sub(d.mul(result)).intoArray(dy, i);
    }
    for (; i < at + n; i++) {
      float d = dy[i] * y[i];
      dy[i] = d - d * y[i];
    }
  }

  /** With s the sigmoid of x: {@code dy (s + y (1 - s))}. */
  private static void siluGradient(float[] x, float[] y, float[] dy, int at, int n) {
    float[] s = Arrays.copyOfRange(x, at, at + n);
    Functions.sigmoid(s, 0, n);
    int i = 0;
    for (; i < Lanes.whole(n); i += L) {
      FloatVector sigmoid = FloatVector.fromArray(F, s, i);
      FloatVector.fromArray(F, y, at + i)
          .mul(FloatVector.broadcast(F, 1).sub(sigmoid))
          .add(sigmoid)
          .mul(FloatVector.fromArray(F, dy, at + i))
          .intoArray(dy, at + i);
    }
    for (; i < n; i++) {
      dy[at + i] *= y[at + i] * (1 - s[i]) + s[i];
    }
  }

  private static void squaredReluGradient(float[] y, float[] dy, int at, int n) {
    int i = at;
    for (; i < at + Lanes.whole(n); i += L) {
      FloatVector root = FloatVector.fromArray(F, y, i).lanewise(VectorOperators.SQRT);
      FloatVector.fromArray(F, dy, i).mul(root).mul(2).intoArray(dy, i);
    }
    for (; i < at + n; i++) {
      dy[i] *= (float) Math.sqrt(y[i]) * 2;
    }
  }

  /**
   * Of {@code w = exp(-exp(x))}: {@code dx = -dw exp(x) w}.
   *
   * @param x as it was given; becomes its exponential
   */
  static void decayGradient(float[] x, float[] w, float[] dw, float[] dx, int at, int n) {
    Functions.exp(1, x, at, n);
    // Where the exponential is infinite, the decay is 0, and so is this.
    int i = at;
    for (; i < at + Lanes.whole(n); i += L) {
      FloatVector.fromArray(F, x, i)
          .min(Float.MAX_VALUE)
          .mul(FloatVector.fromArray(F, w, i))
          .mul(FloatVector.fromArray(F, dw, i))
          .neg()
          .intoArray(dx, i);
    }
    for (; i < at + n; i++) {
      dx[i] = -(Math.min(x[i], Float.MAX_VALUE) * w[i] * dw[i]);
    }
  }
}
