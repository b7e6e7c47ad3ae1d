package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bounds are those that {@link Functions} promises. */
class FunctionsTest {
  private static final int L = Lanes.COUNT;

  /** The smallest normal float, below which the distances of floats are absolute. */
  private static final double SMALLEST = Float.MIN_NORMAL;

  /** Changes the numbers {@code x[at .. at + n]}. */
  @FunctionalInterface
  private interface InPlace {
    void apply(float[] x, int at, int n);
  }

  /** What is tested. */
  private enum Function {
    EXP((x, at, n) -> Functions.exp(1, x, at, n)),
    EXP_OF_MINUS_TWICE((x, at, n) -> Functions.exp(-2, x, at, n)),
    SIGMOID(Functions::sigmoid),
    SILU(Functions::silu),
    TANH(Functions::tanh),
    SQUARED_RELU(Functions::squaredRelu);

    private final InPlace inPlace;

    Function(InPlace inPlace) {
      this.inPlace = inPlace;
    }

    float[] of(float[] x) {
      float[] results = x.clone();
      inPlace.apply(results, 0, results.length);
      return results;
    }
  }

  /**
   * Numbers to apply a function to.
   *
   * @param origin where they come from, in words
   */
  private record Sample(float[] numbers, String origin) {}

  private static final Sample FEW = sample(75, 16 * L, -30, 30);

  private static final Map<Function, float[]> FIRST_RESULTS = new EnumMap<>(Function.class);

  /** Before any test here, so that what computes them is not compiled yet. */
  @BeforeAll
  static void computeFirstResults() {
    for (Function function : Function.values()) {
      FIRST_RESULTS.put(function, function.of(FEW.numbers));
    }
  }

  @Test
  void theExponentialIsNear() {
    assertNear(Function.EXP, Math::exp, many(71, -110, 95), 3e-7, SMALLEST * 3e-7);
    assertNear(
        Function.EXP_OF_MINUS_TWICE,
        x -> Math.exp(-2 * x),
        many(76, -48, 55),
        3e-7,
        SMALLEST * 3e-7);
  }

  @Test
  void theSigmoidIsNear() {
    DoubleUnaryOperator sigmoid = x -> 1 / (1 + Math.exp(-x));
    assertNear(Function.SIGMOID, sigmoid, many(72, -110, 110), 3e-7, SMALLEST);
  }

  @Test
  void theSiluIsNear() {
    DoubleUnaryOperator silu = x -> x / (1 + Math.exp(-x));
    assertNear(Function.SILU, silu, many(78, -110, 110), 4e-7, 0x1p-121);
    assertNear(Function.SILU, silu, many(79, -3, 3), 4e-7, 0x1p-121);
  }

  @Test
  void theHyperbolicTangentIsNear() {
    assertNear(Function.TANH, Math::tanh, many(73, -20, 20), 4e-7, Float.MIN_VALUE);
    assertNear(Function.TANH, Math::tanh, many(74, -0.7, 0.7), 4e-7, Float.MIN_VALUE);
    assertNear(Function.TANH, Math::tanh, tinyNumbers(), 4e-7, Float.MIN_VALUE);
  }

  private static Sample many(long seed, double low, double high) {
    return sample(seed, 1 << 20, low, high);
  }

  private static Sample sample(long seed, int count, double low, double high) {
    RandomInput input = new RandomInput(seed);
    return new Sample(input.floats(count, low, high), input.toString());
  }

  /** Of all sizes, from the smallest float there is. */
  private static Sample tinyNumbers() {
    float[] numbers = new float[256 * L];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.scalb(i % 2 == 0 ? 1.25f : -1.75f, -149 + i * 149 / numbers.length);
    }
    return new Sample(numbers, "tiny numbers");
  }

  private static void assertNear(
      Function function,
      DoubleUnaryOperator right,
      Sample sample,
      double relative,
      double absolute) {
    float[] results = function.of(sample.numbers);
    for (int i = 0; i < results.length; i++) {
      float x = sample.numbers[i];
      double expected = right.applyAsDouble(x);
      if (expected > Float.MAX_VALUE) {
        expected = Float.POSITIVE_INFINITY;
      }
      double bound = Math.max(relative * Math.abs(expected), absolute);
      if (!(Math.abs(results[i] - expected) <= bound)) {
        String what = "%s of %s, number %d of %s".formatted(function, x, i, sample.origin);
        assertEquals(expected, results[i], what);
      }
    }
  }

  @Test
  void theEndsAreReached() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] x = {-infinity, -1e30f, 0, 1e30f, infinity};
    assertResults(Function.EXP, x, 0, 0, 1, infinity, infinity);
    assertResults(Function.EXP_OF_MINUS_TWICE, x, infinity, infinity, 1, 0, 0);
    assertResults(Function.SIGMOID, x, 0, 0, 0.5f, 1, 1);
    assertResults(Function.SILU, x, Float.NaN, -0f, 0, 1e30f, infinity);
    assertResults(Function.TANH, x, -1, -1, 0, 1, 1);
    assertResults(Function.SQUARED_RELU, x, 0, 0, 0, infinity, infinity);
  }

  private static void assertResults(Function function, float[] x, float... expected) {
    assertArrayEquals(expected, function.of(x), function::name);
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void aNanStaysOneInItsPlace(Function function) {
    for (int sick = 0; sick < L; sick++) {
      float[] x = new float[L];
      x[sick] = Float.NaN;
      float[] results = function.of(x);
      for (int i = 0; i < L; i++) {
        String what = "%s, number %d, NaN in %d".formatted(function, i, sick);
        assertEquals(i == sick, Float.isNaN(results[i]), what);
      }
    }
  }

  /** Also where they fill no vector; the others keep their values. */
  @ParameterizedTest
  @EnumSource(Function.class)
  void theNumbersAskedForAreChangedAndNoOthers(Function function) {
    Sample sample = sample(77, 3 * L, -5, 5);
    float[] x = sample.numbers;
    float[] all = function.of(x);
    for (int at = 0; at < L; at++) {
      for (int n = 0; n <= 2 * L; n++) {
        float[] some = x.clone();
        function.inPlace.apply(some, at, n);
        float[] expected = x.clone();
        System.arraycopy(all, at, expected, at, n);
        int from = at;
        int count = n;
        assertArrayEquals(
            expected,
            some,
            () -> "%s of %d from %d, %s".formatted(function, count, from, sample.origin));
      }
    }
  }

  /** The first calls were interpreted, where no other test ran before; the last are compiled. */
  @ParameterizedTest
  @EnumSource(Function.class)
  void theBitsAreTheSameAfterManyCalls(Function function) {
    for (int i = 0; i < 10_000; i++) {
      int call = i;
      assertArrayEquals(
          FIRST_RESULTS.get(function),
          function.of(FEW.numbers),
          () -> "%s, call %d, %s".formatted(function, call, FEW.origin));
    }
  }
}
