package aviary.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions of the floats {@code x[at .. at + n]}, in place, made of operations that give the same
 * bits wherever they run; the Vector API's own need not give the same bits interpreted and
 * compiled. The polynomials are those of the Cephes library ({@code expf.c}, {@code tanhf.c}).
 *
 * <p>They take arrays, as a vector that a method takes or returns becomes an object where the
 * compiler does not inline that method.
 */
public final class Functions {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** The loops of {@link #exp} and {@link #tanh}. */
  static final VectorLoop LOOP = new VectorLoop();

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding and subtracting it rounds to a whole number, which in between is in the last bits. */
  private static final float ROUND = 12582912f; // 1.5 * 2^23

  private static final int ROUND_BITS = Float.floatToIntBits(ROUND);

  /** Beyond these the result is 0 or infinity. */
  private static final float LOW = -104;

  private static final float HIGH = 89;

  /** Below it, tanh is a polynomial: the difference of two numbers near 1 would lose it. */
  private static final float SMALL = 0.625f;

  private Functions() {}

  /**
   * e to the power of {@code factor * x}, off by at most 3e-7 of it, or of 2^-126 where that is
   * more.
   *
   * @param factor a power of two or its negative, so that the product is exact
   */
  public static void exp(float factor, float[] x, int at, int n) {
    if (LOOP.isFast()) {
      expOfVectors(factor, x, at, n);
    } else {
      plainExp(factor, x, at, n);
    }
  }

  static void expOfVectors(float factor, float[] x, int at, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      // A NaN passes both, and the sum at the end makes the result one.
      FloatVector clamped =
          FloatVector.fromArray(F, x, at + i, mask).mul(factor).max(LOW).min(HIGH);
      FloatVector shifted = clamped.mul(LOG2_E).add(ROUND);
      FloatVector whole = shifted.sub(ROUND);
      FloatVector r = whole.fma(FloatVector.broadcast(F, -LN2_HIGH), clamped);
      r = whole.fma(FloatVector.broadcast(F, -LN2_LOW), r);
      FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
      p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
      p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
      p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
      p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
      p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
      p = p.mul(r).fma(r, r.add(1));
      // Times 2^whole by halves, since 2^128 and 2^-149 are no normal floats.
      IntVector power = shifted.reinterpretAsInts().sub(ROUND_BITS);
      IntVector half = power.lanewise(VectorOperators.ASHR, 1);
      FloatVector twoToHalf =
          half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      FloatVector twoToRest =
          power.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      p.mul(twoToHalf).mul(twoToRest).intoArray(x, at + i, mask);
    }
  }

  /** As {@link #expOfVectors}, to the bit. */
  static void plainExp(float factor, float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      float clamped = Math.min(Math.max(x[i] * factor, LOW), HIGH);
      float shifted = clamped * LOG2_E + ROUND;
      float whole = shifted - ROUND;
      float r = Math.fma(whole, -LN2_LOW, Math.fma(whole, -LN2_HIGH, clamped));
      float p = Math.fma(1.9875691500e-4f, r, 1.3981999507e-3f);
      p = Math.fma(p, r, 8.3334519073e-3f);
      p = Math.fma(p, r, 4.1665795894e-2f);
      p = Math.fma(p, r, 1.6666665459e-1f);
      p = Math.fma(p, r, 5.0000001201e-1f);
      p = Math.fma(p * r, r, r + 1);
      int power = Float.floatToRawIntBits(shifted) - ROUND_BITS;
      int half = power >> 1;
      x[i] = p * twoTo(half) * twoTo(power - half);
    }
  }

  private static float twoTo(int power) {
    return Float.intBitsToFloat(power + 127 << 23);
  }

  /** {@code 1 / (1 + exp(-x))}, off by at most 3e-7 of it, or by 2^-126 where that is more. */
  public static void sigmoid(float[] x, int at, int n) {
    exp(-1, x, at, n);
    for (int i = at; i < at + n; i++) {
      x[i] = 1 / (x[i] + 1);
    }
  }

  /**
   * {@code x sigmoid(x)}, off by at most 4e-7 of it, or by 2^-121 where that is more; for -infinity
   * NaN, which is 0 times infinity.
   */
  public static void silu(float[] x, int at, int n) {
    float[] s = Arrays.copyOfRange(x, at, at + n);
    sigmoid(s, 0, n);
    for (int i = 0; i < n; i++) {
      x[at + i] *= s[i];
    }
  }

  /** The hyperbolic tangent, off by at most 4e-7 of it. */
  public static void tanh(float[] x, int at, int n) {
    float[] e = Arrays.copyOfRange(x, at, at + n);
    exp(2, e, 0, n);
    if (LOOP.isFast()) {
      tanhOfVectors(e, x, at, n);
    } else {
      plainTanh(e, x, at, n);
    }
  }

  /**
   * The last part of tanh.
   *
   * @param e exp(2 x) of the numbers
   */
  static void tanhOfVectors(float[] e, float[] x, int at, int n) {
    for (int i = 0; i < n; i += L) {
      VectorMask<Float> mask = F.indexInRange(i, n);
      FloatVector large =
          FloatVector.broadcast(F, 1)
              .sub(FloatVector.broadcast(F, 2).div(FloatVector.fromArray(F, e, i, mask).add(1)));
      FloatVector v = FloatVector.fromArray(F, x, at + i, mask);
      FloatVector z = v.mul(v);
      FloatVector p = FloatVector.broadcast(F, -5.70498872745e-3f);
      p = p.fma(z, FloatVector.broadcast(F, 2.06390887954e-2f));
      p = p.fma(z, FloatVector.broadcast(F, -5.37397155531e-2f));
      p = p.fma(z, FloatVector.broadcast(F, 1.33314422036e-1f));
      p = p.fma(z, FloatVector.broadcast(F, -3.33332819422e-1f));
      FloatVector small = p.mul(z).fma(v, v);
      large.blend(small, v.abs().compare(VectorOperators.LT, SMALL)).intoArray(x, at + i, mask);
    }
  }

  /** As {@link #tanhOfVectors}, to the bit. */
  static void plainTanh(float[] e, float[] x, int at, int n) {
    for (int i = 0; i < n; i++) {
      float v = x[at + i];
      float z = v * v;
      float p = Math.fma(-5.70498872745e-3f, z, 2.06390887954e-2f);
      p = Math.fma(p, z, -5.37397155531e-2f);
      p = Math.fma(p, z, 1.33314422036e-1f);
      p = Math.fma(p, z, -3.33332819422e-1f);
      x[at + i] = Math.abs(v) < SMALL ? Math.fma(p * z, v, v) : 1 - 2 / (e[i] + 1);
    }
  }

  /** {@code max(x, 0)^2}; a NaN stays one, as {@link Math#max} keeps it. */
  public static void squaredRelu(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      float positive = Math.max(x[i], 0);
      x[i] = positive * positive;
    }
  }
}
