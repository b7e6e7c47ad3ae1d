package aviary.cpu;

import static aviary.cpu.DoubleSum.ROUNDING;
import static aviary.reference.ReferenceOps.toDoubles;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.reference.ReferenceOps;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NormsTest {
  private static final float EPSILON = 1e-5f;

  private static final int X_AT = 3;
  private static final int Y_AT = 5;

  @Test
  void aLayerNormHoldsAtEveryWidth() {
    RandomInput input = new RandomInput(61);
    for (int width : RandomInput.WIDTHS) {
      assertNorm(input, input.floats(width), 1, width);
    }
  }

  @Test
  void eachGroupIsANormOfItsOwn() {
    RandomInput input = new RandomInput(62);
    for (int size : new int[] {1, 4, 5, 8, 12, 16, 17, 64}) {
      for (int groups : new int[] {1, 2, 3, 5}) {
        float[] x = input.floats(groups * size);
        for (int i = 0; i < x.length; i++) {
          x[i] *= 1 + 10 * (i / size); // Groups of very different sizes.
        }
        assertNorm(input, x, groups, size);
      }
    }
  }

  /**
   * Steps of 2^-8 around 2048, 16 at most: their sums are whole multiples of 2^-8 below 2^16, and
   * so exact, so that the mean has one rounding. In a variance made from the squares' sum, the
   * roundings of numbers near 2^22 would be larger than the variance itself, of about 0.1.
   */
  @Test
  void aSmallVarianceAroundALargeMeanIsKept() {
    RandomInput input = new RandomInput(63);
    for (int width = 2; width <= 16; width++) {
      float[] x = new float[width];
      for (int i = 0; i < width; i++) {
        x[i] = 2048 + input.random().nextInt(-128, 128) / 256f;
      }
      assertNorm(input, x, 1, 1);
    }
  }

  /**
   * @param roundings how many roundings of the absolute mean the mean may be off by, one and one
   *     for each addition that is not exact
   */
  private static void assertNorm(RandomInput input, float[] x, int groups, int roundings) {
    int width = x.length;
    float[] scale = input.floats(width);
    float[] bias = input.floats(width);
    float[] xs = new float[X_AT + width];
    System.arraycopy(x, 0, xs, X_AT, width);
    float[] y = new float[Y_AT + width + 4];
    Arrays.fill(y, 77);
    Norms.groupNorm(xs, X_AT, width, groups, EPSILON, scale, bias, y, Y_AT);
    double[] expected =
        ReferenceOps.groupNorm(toDoubles(x), groups, EPSILON, toDoubles(scale), toDoubles(bias));
    for (int i = 0; i < y.length; i++) {
      int channel = i - Y_AT;
      if (channel < 0 || channel >= width) {
        assertEquals(77, y[i], "a number that is no result was written, at " + channel);
        continue;
      }
      int size = width / groups;
      float[] group = Arrays.copyOfRange(x, channel / size * size, (channel / size + 1) * size);
      double bound = bound(group, x[channel], roundings) * Math.abs(scale[channel]);
      bound += 2 * ROUNDING * (Math.abs(expected[channel]) + Math.abs(bias[channel]));
      assertEquals(
          expected[channel],
          y[i],
          bound,
          "channel %d of %d in %d groups, %s".formatted(channel, width, groups, input));
    }
  }

  /**
   * How far off {@code (x - mean) / sqrt(variance + epsilon)} may be, where the mean has so many
   * roundings: the mean's own distance, and that of the factor, half of the variance's. In the
   * variance are the mean's distance, twice, and a rounding a term and four more.
   */
  private static double bound(float[] group, float x, int roundings) {
    double[] numbers = toDoubles(group);
    double mean = Arrays.stream(numbers).average().orElseThrow();
    double size = Arrays.stream(numbers).map(Math::abs).average().orElseThrow();
    double variance = Arrays.stream(numbers).map(n -> (n - mean) * (n - mean)).average().orElse(0);
    double deviation = Math.sqrt(variance + EPSILON);
    double ofMean = roundings * ROUNDING * size / deviation;
    double ofVariance = 2 * ofMean + ofMean * ofMean + (group.length + 4) * ROUNDING;
    return ofMean + Math.abs(x - mean) / deviation * (ofVariance / 2 + 4 * ROUNDING);
  }
}
