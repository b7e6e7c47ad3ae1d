package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions of floats, made of operations that give the same bits wherever they run; the Vector
 * API's own need not give the same bits interpreted and compiled. The polynomials are those of the
 * Cephes library ({@code expf.c}, {@code tanhf.c}).
 */
final class Functions {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

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

  /** e to the power of x, off by at most 3e-7 of it, or of 2^-126 where that is more. */
  static FloatVector exp(FloatVector x) {
    // A NaN passes both, and the sum at the end makes the result one.
    FloatVector clamped = x.max(LOW).min(HIGH);
    FloatVector shifted = clamped.mul(LOG2_E).add(ROUND);
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), clamped);
    r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
    p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
    p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
    p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
    p = p.mul(r).fma(r, r.add(1));
    // 2^n by halves, since 2^128 and 2^-149 are no normal floats.
    IntVector power = shifted.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = power.lanewise(VectorOperators.ASHR, 1);
    return p.mul(twoTo(half)).mul(twoTo(power.sub(half)));
  }

  private static FloatVector twoTo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** {@code 1 / (1 + exp(-x))}, off by at most 3e-7 of it, or by 2^-126 where that is more. */
  static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(F, 1).div(exp(x.neg()).add(1));
  }

  /** The hyperbolic tangent, off by at most 4e-7 of it. */
  static FloatVector tanh(FloatVector x) {
    FloatVector large =
        FloatVector.broadcast(F, 1).sub(FloatVector.broadcast(F, 2).div(exp(x.add(x)).add(1)));
    FloatVector z = x.mul(x);
    FloatVector p = FloatVector.broadcast(F, -5.70498872745e-3f);
    p = p.fma(z, FloatVector.broadcast(F, 2.06390887954e-2f));
    p = p.fma(z, FloatVector.broadcast(F, -5.37397155531e-2f));
    p = p.fma(z, FloatVector.broadcast(F, 1.33314422036e-1f));
    p = p.fma(z, FloatVector.broadcast(F, -3.33332819422e-1f));
    FloatVector small = p.mul(z).fma(x, x);
    return large.blend(small, x.abs().compare(VectorOperators.LT, SMALL));
  }
}
