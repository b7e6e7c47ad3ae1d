package aviary.cpu;

import static aviary.reference.ReferenceOps.toDoubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.reference.ReferenceOps;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of every size beside the reference, over tokens of two sequences. */
class WkvKernelTest {
  private static final int HEADS = 3;

  /** The heads of a layer before, whose states stand in front. */
  private static final int FIRST_HEAD = 2;

  /** The sequences' first rows; in front of them are rows of nobody. */
  private static final int[] BEGINS = {2, 7};

  private static final int[] TOKENS = {5, 4};
  private static final int ROWS = 11;

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 8, 12, 16, 20, 33, 64})
  void headsAgreeWithTheReference(int n) {
    RandomInput input = new RandomInput(91);
    int width = HEADS * n;
    var in =
        new WkvKernel.Inputs(
            input.floats(ROWS * width),
            input.floats(ROWS * width),
            input.floats(ROWS * width),
            input.floats(ROWS * width, 0, 1));
    float[] bonus = input.floats(width);
    WkvKernel kernel = new WkvKernel(width, n, bonus);
    float[] y = new float[ROWS * width];
    Arrays.fill(y, 77);
    for (int sequence = 0; sequence < 2; sequence++) {
      float[] before = input.floats((FIRST_HEAD + HEADS + 1) * n * n);
      float[] states = before.clone();
      int begin = BEGINS[sequence];
      for (int head = HEADS - 1; head >= 0; head--) {
        kernel.run(in, y, begin, TOKENS[sequence], head, states, FIRST_HEAD);
      }
      String what = "N = %d, sequence %d, %s".formatted(n, sequence, input);
      assertSequence(in, bonus, n, begin, TOKENS[sequence], before, states, y, what);
    }
    for (int i = 0; i < BEGINS[0] * width; i++) {
      assertEquals(77, y[i], "a row of no sequence was written");
    }
  }

  private static void assertSequence(
      WkvKernel.Inputs in,
      float[] bonus,
      int n,
      int begin,
      int tokens,
      float[] before,
      float[] after,
      float[] y,
      String what) {
    int width = HEADS * n;
    double[] state = toDoubles(ours(before, n));
    double[] sizeOfState = absolute(state);
    // A number goes through the roundings of the sums over i, twice, and of two steps a token.
    double roundings = (2 * n + 2 * tokens + 5) * DoubleSum.ROUNDING;
    for (int row = begin; row < begin + tokens; row++) {
      double[] r = row(in.r(), row, width);
      double[] k = row(in.k(), row, width);
      double[] v = row(in.v(), row, width);
      double[] w = row(in.w(), row, width);
      double[] u = toDoubles(bonus);
      double[] expected = ReferenceOps.wkv(r, k, v, w, u, n, state);
      double[] size =
          ReferenceOps.wkv(absolute(r), absolute(k), absolute(v), w, absolute(u), n, sizeOfState);
      float[] actual = Arrays.copyOfRange(y, row * width, (row + 1) * width);
      assertNear(expected, actual, size, roundings, what + ", row " + row);
    }
    assertNear(state, ours(after, n), sizeOfState, roundings, what + ", state");
    float[] others = after.clone();
    System.arraycopy(ours(before, n), 0, others, FIRST_HEAD * n * n, width * n);
    assertArrayEquals(before, others, what + ": another layer's state was written");
  }

  /**
   * @param sizes the same sums, of absolute numbers
   */
  private static void assertNear(
      double[] expected, float[] actual, double[] sizes, double roundings, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], roundings * sizes[i], what + ", number " + i);
    }
  }

  private static float[] ours(float[] states, int n) {
    return Arrays.copyOfRange(states, FIRST_HEAD * n * n, (FIRST_HEAD + HEADS) * n * n);
  }

  private static double[] row(float[] rows, int row, int width) {
    return toDoubles(Arrays.copyOfRange(rows, row * width, (row + 1) * width));
  }

  private static double[] absolute(double[] numbers) {
    return Arrays.stream(numbers).map(Math::abs).toArray();
  }
}
