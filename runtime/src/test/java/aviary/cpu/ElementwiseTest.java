package aviary.cpu;

import static aviary.cpu.DoubleSum.ROUNDING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.model.Op.Activation;
import aviary.reference.ReferenceOps;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseTest {
  private static final int AT = 3;

  /** Numbers behind the last that are no result. */
  private static final int BEHIND = 4;

  /** A rounding of the difference, of the product and of the sum, each at most of all sizes. */
  @Test
  void aLerpGoesFromTheFirstToTheSecond() {
    RandomInput input = new RandomInput(81);
    for (int n : RandomInput.WIDTHS) {
      float[] from = input.floats(AT + n);
      float[] to = input.floats(AT + n);
      float[] amount = input.floats(n);
      float[] y = untouched(n);
      Elementwise.lerp(from, to, AT, amount, y, n);
      assertResults(
          y,
          i -> from[AT + i] + ((double) to[AT + i] - from[AT + i]) * amount[i],
          i -> 3 * ROUNDING * lerpSize(from[AT + i], to[AT + i], Math.abs(amount[i])),
          n + " numbers, " + input);
    }
  }

  /** A rounding more, of the amount. */
  @Test
  void aDataDependentLerpAddsWhatIsThereToTheAmount() {
    RandomInput input = new RandomInput(82);
    int amountAt = 5;
    for (int n : RandomInput.WIDTHS) {
      float[] from = input.floats(AT + n);
      float[] to = input.floats(AT + n);
      float[] amount = input.floats(amountAt + n);
      float[] lora = input.floats(n);
      float[] y = untouched(n);
      System.arraycopy(lora, 0, y, AT, n);
      Elementwise.ddLerp(from, to, AT, amount, amountAt, y, n);
      assertResults(
          y,
          i ->
              from[AT + i]
                  + ((double) to[AT + i] - from[AT + i])
                      * ((double) amount[amountAt + i] + lora[i]),
          i -> {
            double size = Math.abs(amount[amountAt + i]) + Math.abs(lora[i]);
            return 4 * ROUNDING * lerpSize(from[AT + i], to[AT + i], size);
          },
          n + " numbers, " + input);
    }
  }

  private static double lerpSize(double from, double to, double amount) {
    return Math.abs(from) + (Math.abs(from) + Math.abs(to)) * amount;
  }

  /** One operation has one right rounding. */
  @Test
  void productsAndSumsAreRoundedOnce() {
    RandomInput input = new RandomInput(83);
    for (int n : RandomInput.WIDTHS) {
      float[] a = input.floats(AT + n);
      float[] b = input.floats(AT + n);
      float[] y = untouched(n);
      Elementwise.multiply(a, b, y, AT, n);
      assertResults(y, i -> a[AT + i] * b[AT + i], _ -> 0, n + " products, " + input);
      Elementwise.add(a, b, y, AT, n);
      assertResults(y, i -> a[AT + i] + b[AT + i], _ -> 0, n + " sums, " + input);
    }
  }

  /**
   * The inner exponential e is off, of itself, by 3e-7 and by the rounding of its exponent; the
   * outer one by e times that, and by 3e-7.
   */
  @Test
  void aDecayIsNear() {
    RandomInput input = new RandomInput(84);
    for (int n : RandomInput.WIDTHS) {
      float[] base = input.floats(n, -12, 4);
      float[] x = input.floats(AT + n, -2, 2);
      float[] y = untouched(n);
      Elementwise.decay(x, AT, base, y, n);
      assertResults(
          y,
          i -> Math.exp(-Math.exp((double) base[i] + x[AT + i])),
          i -> {
            double exponent = (double) base[i] + x[AT + i];
            double inner = Math.exp(exponent);
            double relative = inner * (3e-7 + ROUNDING * Math.abs(exponent)) + 3e-7;
            return relative * Math.exp(-inner) + Float.MIN_NORMAL;
          },
          n + " decays, " + input);
    }
  }

  /** 4e-7 is the bound of {@link Functions}, and a rounding for the product of silu and square. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void anActivationIsNear(Activation activation) {
    RandomInput input = new RandomInput(85);
    for (int n : RandomInput.WIDTHS) {
      float[] x = untouched(n);
      System.arraycopy(input.floats(n, -20, 20), 0, x, AT, n);
      float[] before = x.clone();
      Elementwise.activate(activation, x, AT, n);
      IntToDoubleFunction right = i -> ReferenceOps.activate(activation, before[AT + i]);
      assertResults(
          x,
          right,
          i -> activation == Activation.NONE ? 0 : 4e-7 * Math.abs(right.applyAsDouble(i)),
          "%s of %d numbers, %s".formatted(activation, n, input));
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void anActivationLetsNanThrough(Activation activation) {
    int n = Lanes.COUNT + 1; // In a vector, and behind it.
    float[] x = new float[n];
    Arrays.fill(x, Float.NaN);
    Elementwise.activate(activation, x, 0, n);
    for (float result : x) {
      assertEquals(Float.NaN, result);
    }
  }

  private static float[] untouched(int n) {
    float[] numbers = new float[AT + n + BEHIND];
    Arrays.fill(numbers, 77);
    return numbers;
  }

  private static void assertResults(
      float[] y, IntToDoubleFunction right, IntToDoubleFunction bound, String what) {
    for (int i = -AT; i < y.length - AT; i++) {
      String where = what + ", at " + i;
      if (i < 0 || i >= y.length - AT - BEHIND) {
        assertEquals(77, y[AT + i], where);
      } else {
        double expected = right.applyAsDouble(i);
        double allowed = bound.applyAsDouble(i);
        if (!(Math.abs(expected - y[AT + i]) <= allowed)) {
          assertEquals(expected, y[AT + i], where + ", off by more than " + allowed);
        }
      }
    }
  }
}
