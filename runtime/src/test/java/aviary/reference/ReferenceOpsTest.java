package aviary.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import org.junit.jupiter.api.Test;

/** Examples small enough to be worked out by hand. */
class ReferenceOpsTest {
  private static final double EXACT = 1e-15;

  @Test
  void aMatrixIsReadByRowsOrByColumns() {
    double[] weight = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(
        new double[] {321, 654},
        ReferenceOps.matmul(weight, Layout.OUT_IN, new double[] {1, 10, 100}, 2));
    assertArrayEquals(
        new double[] {531, 642},
        ReferenceOps.matmul(weight, Layout.IN_OUT, new double[] {1, 10, 100}, 2));
  }

  @Test
  void aNormCentresAndScalesEachGroup() {
    double[] x = {1, 3, 10, 50};
    double[] scale = {1, 1, 2, 2};
    double[] bias = {0, 0, 0, 7};
    double variance = 400;
    assertArrayEquals(
        new double[] {
          -1 / Math.sqrt(1.25),
          1 / Math.sqrt(1.25),
          2 * -20 / Math.sqrt(variance + 0.25),
          2 * 20 / Math.sqrt(variance + 0.25) + 7
        },
        ReferenceOps.groupNorm(x, 2, 0.25, scale, bias),
        EXACT * 10);
    assertArrayEquals(
        ReferenceOps.groupNorm(x, 1, 1e-5, scale, bias),
        ReferenceOps.layerNorm(x, 1e-5, scale, bias));
  }

  /** Two tokens through one head of two channels. */
  @Test
  void theStateIsReadBeforeItTakesInTheToken() {
    double[] decay = {0.5, 0.25};
    double[] bonus = {2, 3};
    double[] state = new double[4];
    double[] first =
        ReferenceOps.wkv(
            new double[] {1, 10}, new double[] {1, 2}, new double[] {3, 5}, decay, bonus, 2, state);
    // Only the bonus speaks: 1 (2 1 v) + 10 (3 2 v) = 62 v.
    assertArrayEquals(new double[] {186, 310}, first);
    assertArrayEquals(new double[] {3, 5, 6, 10}, state);
    double[] second =
        ReferenceOps.wkv(
            new double[] {1, 10}, new double[] {0, 1}, new double[] {1, 0}, decay, bonus, 2, state);
    assertArrayEquals(new double[] {3 + 10 * (3 + 6), 5 + 10 * 10}, second);
    assertArrayEquals(new double[] {1.5, 2.5, 1 + 1.5, 2.5}, state);
  }

  @Test
  void headsDoNotMix() {
    double[] state = new double[2];
    double[] one = {1, 1};
    double[] out =
        ReferenceOps.wkv(one, new double[] {2, 3}, new double[] {5, 7}, one, one, 1, state);
    assertArrayEquals(new double[] {10, 21}, out);
    assertArrayEquals(new double[] {10, 21}, state);
  }

  @Test
  void lerpsGoFromTheFirstToTheSecond() {
    double[] from = {10, 10, 10};
    double[] to = {20, 20, 20};
    assertArrayEquals(
        new double[] {10, 15, 20}, ReferenceOps.lerp(from, to, new double[] {0, 0.5, 1}));
    double[] lora = {9, 9, 1, 2};
    double[] up = {9, 9, 9, 9, 9, 9, 0.1, 0, 0, 0, 0.1, 0.2};
    assertArrayEquals(
        new double[] {11, 12, 14},
        ReferenceOps.ddLerp(from, to, new double[3], lora, up, 1, 2),
        EXACT * 10);
  }

  @Test
  void aDecayLiesBetweenNothingAndAll() {
    double[] base = {-100, 0, 100};
    assertArrayEquals(new double[] {1, Math.exp(-1), 0}, ReferenceOps.fixedDecay(base), EXACT);
    assertArrayEquals(
        new double[] {Math.exp(-1), Math.exp(-1)},
        ReferenceOps.decay(new double[] {2, -3}, new double[] {-2, 3}),
        EXACT);
  }

  @Test
  void activationsHaveTheirKnownValues() {
    assertEquals(-3, ReferenceOps.activate(Activation.NONE, -3));
    assertEquals(0.6, ReferenceOps.activate(Activation.TANH, Math.log(2)), EXACT);
    assertEquals(0.75, ReferenceOps.activate(Activation.SIGMOID, Math.log(3)), EXACT);
    assertEquals(0.75 * Math.log(3), ReferenceOps.activate(Activation.SILU, Math.log(3)), EXACT);
    assertEquals(9, ReferenceOps.activate(Activation.SQUARED_RELU, 3));
    assertEquals(0, ReferenceOps.activate(Activation.SQUARED_RELU, -3));
  }

  @Test
  void activationsHoldAtTheEndsOfTheirRangeAndLetNanThrough() {
    for (Activation activation : Activation.values()) {
      assertTrue(Double.isNaN(ReferenceOps.activate(activation, Double.NaN)), activation.name());
      assertTrue(Double.isFinite(ReferenceOps.activate(activation, 1e4)), activation.name());
      assertTrue(Double.isFinite(ReferenceOps.activate(activation, -1e4)), activation.name());
    }
  }
}
