package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The bounds are those that {@link Functions} promises. */
class FunctionsTest {
  private static final int L = Lanes.COUNT;

  /** The smallest normal float, below which the distances of floats are absolute. */
  private static final double SMALLEST = Float.MIN_NORMAL;

  @Test
  void theExponentialIsNear() {
    UnaryOperator<FloatVector> exp = Functions::exp;
    assertNear(exp, Math::exp, numbers(71, -110, 95), 3e-7, SMALLEST * 3e-7);
  }

  @Test
  void theSigmoidIsNear() {
    DoubleUnaryOperator sigmoid = x -> 1 / (1 + Math.exp(-x));
    assertNear(Functions::sigmoid, sigmoid, numbers(72, -110, 110), 3e-7, SMALLEST);
  }

  @Test
  void theHyperbolicTangentIsNear() {
    UnaryOperator<FloatVector> tanh = Functions::tanh;
    assertNear(tanh, Math::tanh, numbers(73, -20, 20), 4e-7, Float.MIN_VALUE);
    assertNear(tanh, Math::tanh, numbers(74, -0.7, 0.7), 4e-7, Float.MIN_VALUE);
    assertNear(tanh, Math::tanh, tinyNumbers(), 4e-7, Float.MIN_VALUE);
  }

  private static float[] numbers(long seed, double low, double high) {
    return new RandomInput(seed).floats(1 << 20, low, high);
  }

  /** Of all sizes, from the smallest float there is. */
  private static float[] tinyNumbers() {
    float[] numbers = new float[256 * L];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.scalb(i % 2 == 0 ? 1.25f : -1.75f, -149 + i * 149 / numbers.length);
    }
    return numbers;
  }

  private static void assertNear(
      UnaryOperator<FloatVector> function,
      DoubleUnaryOperator right,
      float[] numbers,
      double relative,
      double absolute) {
    float[] results = new float[L];
    for (int i = 0; i < numbers.length; i += L) {
      function.apply(FloatVector.fromArray(Lanes.FLOATS, numbers, i)).intoArray(results, 0);
      for (int lane = 0; lane < L; lane++) {
        double expected = right.applyAsDouble(numbers[i + lane]);
        if (expected > Float.MAX_VALUE) {
          expected = Float.POSITIVE_INFINITY;
        }
        double bound = Math.max(relative * Math.abs(expected), absolute);
        if (!(Math.abs(results[lane] - expected) <= bound)) {
          assertEquals(expected, results[lane], "at " + numbers[i + lane]);
        }
      }
    }
  }

  @Test
  void theEndsAreReached() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] x = {-infinity, -1e30f, 0, 1e30f, infinity};
    assertArrayEquals(new float[] {0, 0, 1, infinity, infinity}, each(Functions::exp, x));
    assertArrayEquals(new float[] {0, 0, 0.5f, 1, 1}, each(Functions::sigmoid, x));
    assertArrayEquals(new float[] {-1, -1, 0, 1, 1}, each(Functions::tanh, x));
  }

  @Test
  void aNanStaysOneInItsLane() {
    for (int lane = 0; lane < L; lane++) {
      for (UnaryOperator<FloatVector> function : functions()) {
        FloatVector result =
            function.apply(FloatVector.zero(Lanes.FLOATS).withLane(lane, Float.NaN));
        for (int i = 0; i < L; i++) {
          assertEquals(i == lane, Float.isNaN(result.lane(i)), "lane " + i + ", NaN in " + lane);
        }
      }
    }
  }

  /** The first calls are interpreted, where no test ran before; the last are compiled. */
  @Test
  void theBitsAreTheSameAfterManyCalls() {
    RandomInput input = new RandomInput(75);
    for (UnaryOperator<FloatVector> function : functions()) {
      float[] x = input.floats(16 * L, -30, 30);
      int[] first = bits(function, x);
      for (int call = 0; call < 10_000; call++) {
        if (!Arrays.equals(first, bits(function, x))) {
          assertArrayEquals(first, bits(function, x), "call " + call + ", " + input);
        }
      }
    }
  }

  private static Iterable<UnaryOperator<FloatVector>> functions() {
    return Arrays.asList(Functions::exp, Functions::sigmoid, Functions::tanh);
  }

  private static int[] bits(UnaryOperator<FloatVector> function, float[] x) {
    int[] bits = new int[x.length];
    for (int i = 0; i < x.length; i += L) {
      function
          .apply(FloatVector.fromArray(Lanes.FLOATS, x, i))
          .reinterpretAsInts()
          .intoArray(bits, i);
    }
    return bits;
  }

  private static float[] each(UnaryOperator<FloatVector> function, float[] x) {
    float[] results = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      results[i] = function.apply(FloatVector.broadcast(Lanes.FLOATS, x[i])).lane(0);
    }
    return results;
  }
}
