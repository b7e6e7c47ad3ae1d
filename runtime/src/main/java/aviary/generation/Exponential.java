package aviary.generation;

/** The exponential function for probabilities: fast, and the same on every machine. */
final class Exponential {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding and subtracting it rounds to a whole number. */
  private static final float ROUND = 12582912f; // 1.5 * 2^23

  /** Below it the result would be no normal float any more. */
  private static final float SMALLEST = -87f;

  private Exponential() {}

  /**
   * e to the power of x, off by at most 2e-7 of it; 0 below -87.
   *
   * <p>x = n ln 2 + r, |r| at most ln 2 / 2; 2^n is put together from its bits, e^r is the
   * polynomial of the Cephes library's expf.
   *
   * @param x at most 0
   */
  static float of(float x) {
    float clamped = Math.max(x, SMALLEST);
    float n = clamped * LOG2_E + ROUND - ROUND;
    float r = clamped - n * LN2_HIGH - n * LN2_LOW;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1;
    float power = Float.intBitsToFloat((int) n + 127 << 23);
    return x < SMALLEST ? 0 : p * power;
  }
}
