package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of running tokens.
 *
 * @param logits after each token that they were wanted for
 * @param state after the last token
 */
public record Outcome(List<float[]> logits, StateData state) {

  /** Copies rows out of logits, which the next call would change. */
  static List<float[]> rows(Logits logits, int from, int count) {
    List<float[]> rows = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      rows.add(logits.row(i).clone());
    }
    return rows;
  }

  /** The logits after the tokens, from a new state. */
  static float[] lastRow(Engine engine, int[] tokens) {
    try (State state = engine.newState()) {
      return engine.forward(Batch.of(Sequence.last(state, tokens))).row(0);
    }
  }

  /**
   * Fails unless this is like {@code expected}.
   *
   * @param tolerance the greatest difference, as a part of the greatest number in the expected
   *     logits or in the expected part of the state
   */
  public void assertLike(Outcome expected, double tolerance, String what) {
    assertEquals(expected.logits.size(), logits.size(), what + ": rows of logits");
    double difference = 0;
    double greatest = 0;
    for (int i = 0; i < logits.size(); i++) {
      difference = Math.max(difference, difference(expected.logits.get(i), logits.get(i)));
      greatest = Math.max(greatest, greatest(expected.logits.get(i)));
    }
    check(difference, greatest, tolerance, what + ": logits");
    assertLike(expected.state.attShift(), state.attShift(), tolerance, what + ": att_shift");
    assertLike(expected.state.ffnShift(), state.ffnShift(), tolerance, what + ": ffn_shift");
    assertLike(expected.state.wkv(), state.wkv(), tolerance, what + ": wkv");
  }

  private static void assertLike(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length, what);
    check(difference(expected, actual), greatest(expected), tolerance, what);
  }

  private static void check(double difference, double greatest, double tolerance, String what) {
    // Written so that a NaN fails.
    assertTrue(
        difference <= tolerance * greatest,
        () ->
            "%s differ by %.3g of the greatest, %.3g; allowed are %.3g of it"
                .formatted(what, difference / greatest, greatest, tolerance));
  }

  /** The root mean square of the logits' differences, as a part of that of the expected logits. */
  double distance(Outcome expected) {
    double differences = 0;
    double squares = 0;
    for (int i = 0; i < logits.size(); i++) {
      for (int id = 0; id < logits.get(i).length; id++) {
        double right = expected.logits.get(i)[id];
        differences += (logits.get(i)[id] - right) * (logits.get(i)[id] - right);
        squares += right * right;
      }
    }
    return Math.sqrt(differences / squares);
  }

  private static double difference(float[] a, float[] b) {
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      difference = Math.max(difference, Math.abs((double) a[i] - b[i]));
    }
    return difference;
  }

  private static double greatest(float[] numbers) {
    double greatest = 0;
    for (float number : numbers) {
      greatest = Math.max(greatest, Math.abs(number));
    }
    return greatest;
  }
}
