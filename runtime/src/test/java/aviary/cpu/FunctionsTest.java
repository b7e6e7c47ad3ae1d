package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The bounds are those that {@link Functions} promises. */
class FunctionsTest {
  private static final int L = Lanes.COUNT;

  /** The smallest normal float, below which the distances of floats are absolute. */
  private static final double SMALLEST = Float.MIN_NORMAL;

  /** Changes the numbers {@code x[at .. at + n]}. */
  @FunctionalInterface
  private interface Function {
    void apply(float[] x, int at, int n);
  }

  private static final Function EXP = (x, at, n) -> Functions.exp(1, x, at, n);

  private static final List<Function> ALL = List.of(EXP, Functions::sigmoid, Functions::tanh);

  @Test
  void theExponentialIsNear() {
    assertNear(EXP, Math::exp, numbers(71, -110, 95), 3e-7, SMALLEST * 3e-7);
    assertNear(
        (x, at, n) -> Functions.exp(-2, x, at, n),
        x -> Math.exp(-2 * x),
        numbers(76, -48, 55),
        3e-7,
        SMALLEST * 3e-7);
  }

  @Test
  void theSigmoidIsNear() {
    DoubleUnaryOperator sigmoid = x -> 1 / (1 + Math.exp(-x));
    assertNear(Functions::sigmoid, sigmoid, numbers(72, -110, 110), 3e-7, SMALLEST);
  }

  @Test
  void theHyperbolicTangentIsNear() {
    Function tanh = Functions::tanh;
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
      Function function,
      DoubleUnaryOperator right,
      float[] numbers,
      double relative,
      double absolute) {
    float[] results = numbers.clone();
    function.apply(results, 0, results.length);
    for (int i = 0; i < numbers.length; i++) {
      double expected = right.applyAsDouble(numbers[i]);
      if (expected > Float.MAX_VALUE) {
        expected = Float.POSITIVE_INFINITY;
      }
      double bound = Math.max(relative * Math.abs(expected), absolute);
      if (!(Math.abs(results[i] - expected) <= bound)) {
        assertEquals(expected, results[i], "at " + numbers[i]);
      }
    }
  }

  @Test
  void theEndsAreReached() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] x = {-infinity, -1e30f, 0, 1e30f, infinity};
    assertArrayEquals(new float[] {0, 0, 1, infinity, infinity}, results(EXP, x));
    assertArrayEquals(new float[] {0, 0, 0.5f, 1, 1}, results(Functions::sigmoid, x));
    assertArrayEquals(new float[] {-1, -1, 0, 1, 1}, results(Functions::tanh, x));
  }

  @Test
  void aNanStaysOneInItsPlace() {
    for (int sick = 0; sick < L; sick++) {
      for (Function function : ALL) {
        float[] x = new float[L];
        x[sick] = Float.NaN;
        function.apply(x, 0, L);
        for (int i = 0; i < L; i++) {
          assertEquals(i == sick, Float.isNaN(x[i]), "number " + i + ", NaN in " + sick);
        }
      }
    }
  }

  /** Also where they fill no vector; the others keep their values. */
  @Test
  void theNumbersAskedForAreChangedAndNoOthers() {
    RandomInput input = new RandomInput(77);
    float[] x = input.floats(3 * L, -5, 5);
    for (Function function : ALL) {
      float[] all = results(function, x);
      for (int at = 0; at < L; at++) {
        for (int n = 0; n <= 2 * L; n++) {
          float[] some = x.clone();
          function.apply(some, at, n);
          for (int i = 0; i < x.length; i++) {
            boolean asked = i >= at && i < at + n;
            assertEquals(asked ? all[i] : x[i], some[i], "%d of %d from %d".formatted(i, n, at));
          }
        }
      }
    }
  }

  /** The first calls are interpreted, where no test ran before; the last are compiled. */
  @Test
  void theBitsAreTheSameAfterManyCalls() {
    RandomInput input = new RandomInput(75);
    for (Function function : ALL) {
      float[] x = input.floats(16 * L, -30, 30);
      float[] first = results(function, x);
      for (int call = 0; call < 10_000; call++) {
        assertArrayEquals(first, results(function, x), "call " + call + ", " + input);
      }
    }
  }

  private static float[] results(Function function, float[] x) {
    float[] results = x.clone();
    function.apply(results, 0, results.length);
    return results;
  }
}
