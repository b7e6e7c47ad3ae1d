package aviary.cpu;

import aviary.model.Op;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What is done to each channel by itself. */
public final class Elementwise {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** All loops of this class. */
  static final VectorLoop LOOP = new VectorLoop();

  private Elementwise() {}

  /** {@code y[at + i] = from[at + i] + (to[at + i] - from[at + i]) * amount[i]}. */
  static void lerp(float[] from, float[] to, int at, float[] amount, float[] y, int n) {
    lerp(from, to, at, amount, y, n, LOOP.whole(n));
  }

  private static void lerp(
      float[] from, float[] to, int at, float[] amount, float[] y, int n, int whole) {
    int i = 0;
    for (; i < whole; i += L) {
      FloatVector start = FloatVector.fromArray(F, from, at + i);
      FloatVector.fromArray(F, to, at + i)
          .sub(start)
          .fma(FloatVector.fromArray(F, amount, i), start)
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = Math.fma(to[at + i] - from[at + i], amount[i], from[at + i]);
    }
  }

  /**
   * {@code y[at + i] = from[at + i] + (to[at + i] - from[at + i]) * (amount[amountAt + i] + y[at +
   * i])}: the last part of a ddlerp, where the product of its low-rank matrix is in {@code y}.
   */
  static void ddLerp(
      float[] from, float[] to, int at, float[] amount, int amountAt, float[] y, int n) {
    ddLerp(from, to, at, amount, amountAt, y, n, LOOP.whole(n));
  }

  private static void ddLerp(
      float[] from, float[] to, int at, float[] amount, int amountAt, float[] y, int n, int whole) {
    int i = 0;
    for (; i < whole; i += L) {
      FloatVector start = FloatVector.fromArray(F, from, at + i);
      FloatVector.fromArray(F, to, at + i)
          .sub(start)
          .fma(
              FloatVector.fromArray(F, amount, amountAt + i)
                  .add(FloatVector.fromArray(F, y, at + i)),
              start)
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] =
          Math.fma(to[at + i] - from[at + i], amount[amountAt + i] + y[at + i], from[at + i]);
    }
  }

  /** {@code y = a * b}, from {@code at} on in all three, as for {@code add}. */
  public static void multiply(float[] a, float[] b, float[] y, int at, int n) {
    multiply(a, b, y, at, n, LOOP.whole(n));
  }

  private static void multiply(float[] a, float[] b, float[] y, int at, int n, int whole) {
    int i = 0;
    for (; i < whole; i += L) {
      FloatVector.fromArray(F, a, at + i)
          .mul(FloatVector.fromArray(F, b, at + i))
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = a[at + i] * b[at + i];
    }
  }

  /** {@code y = a + b}. */
  static void add(float[] a, float[] b, float[] y, int at, int n) {
    add(a, b, y, at, n, LOOP.whole(n));
  }

  private static void add(float[] a, float[] b, float[] y, int at, int n, int whole) {
    int i = 0;
    for (; i < whole; i += L) {
      FloatVector.fromArray(F, a, at + i)
          .add(FloatVector.fromArray(F, b, at + i))
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = a[at + i] + b[at + i];
    }
  }

  /** {@code y[at + i] = exp(-exp(base[i] + x[at + i]))}. */
  static void decay(float[] x, int at, float[] base, float[] y, int n) {
    int whole = LOOP.whole(n);
    int i = 0;
    for (; i < whole; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .add(FloatVector.fromArray(F, base, i))
          .intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = x[at + i] + base[i];
    }
    Functions.exp(1, y, at, n);
    Functions.exp(-1, y, at, n);
  }

  /** Applies a function to each number in place. */
  public static void activate(Op.Activation activation, float[] x, int at, int n) {
    switch (activation) {
      case NONE -> {}
      case TANH -> Functions.tanh(x, at, n);
      case SIGMOID -> Functions.sigmoid(x, at, n);
      case SILU -> Functions.silu(x, at, n);
      case SQUARED_RELU -> Functions.squaredRelu(x, at, n);
    }
  }

  /**
   * Runs the loops, for {@link WarmUp}.
   *
   * @param numbers [3, n]
   */
  static void runLoops(float[][] numbers, boolean withVectors) {
    float[] y = numbers[2];
    int n = y.length;
    int whole = withVectors ? Lanes.whole(n) : 0;
    lerp(numbers[0], numbers[1], 0, numbers[0], y, n, whole);
    ddLerp(numbers[0], numbers[1], 0, numbers[0], 0, y, n, whole);
    multiply(numbers[0], numbers[1], y, 0, n, whole);
    add(numbers[0], numbers[1], y, 0, n, whole);
  }
}
