package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.model.ModelConfig.Architecture;
import aviary.training.Learned.Labels;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences that are walked in pieces. */
class ChunksTest {
  private static final int LENGTH = 12;

  /**
   * The same sums in another order: off by some 1e-6 of their largest terms, while a gradient that
   * ends between pieces is off by a large part of itself.
   */
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "FINCH, 5, WEIGHTS, MOST",
    "FINCH, 1, WEIGHTS, MOST",
    "FINCH, 4, TIME_STATE, MOST",
    "EAGLE, 7, WEIGHTS, MOST",
    "EAGLE, 11, TIME_STATE, MOST",
    "FINCH, 100, WEIGHTS, MOST",
    "FINCH, 6, WEIGHTS, FEW",
    "EAGLE, 4, WEIGHTS, FEW",
    "FINCH, 6, TIME_STATE, FEW"
  })
  void exactGradientsAreThoseOfWholeSequences(
      Architecture architecture, int tokens, Tuned tuned, Labels labels) {
    Learned whole = Learned.of(architecture, Chunks.WHOLE, tuned, 2, labels);
    Learned exact = Learned.of(architecture, new Chunks(tokens, true), tuned, 2, labels);
    assertEquals(whole.loss().mean(), exact.loss().mean(), 1e-5);
    assertEquals(0, whole.distance(exact), TOLERANCE);
  }

  @Test
  void otherGradientsEndWhereAPieceBegins() {
    Learned whole = Learned.of(Architecture.FINCH, Chunks.WHOLE, Tuned.WEIGHTS, 2);
    Learned pieces = Learned.of(Architecture.FINCH, new Chunks(5, false), Tuned.WEIGHTS, 2);
    assertEquals(whole.loss().mean(), pieces.loss().mean(), 1e-5);
    assertTrue(whole.distance(pieces) > 100 * TOLERANCE);
  }

  @Test
  void aLastPieceWithoutLabelsAddsNothing() {
    List<float[]> gradients = new ArrayList<>();
    for (Chunks chunks : List.of(Chunks.WHOLE, new Chunks(6, true))) {
      try (Learner learner = Learned.learner(Architecture.FINCH, chunks, Tuned.WEIGHTS, 2)) {
        int[] labels = {-1, 2, -1, 4, 5, -1, -1, -1, -1, -1, -1, -1};
        int[] tokens = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        assertEquals(
            3, learner.gradients(0, new Sequences(1, LENGTH, tokens, labels)).loss().labels());
        gradients.add(learner.trained().iterator().next().gradient());
      }
    }
    assertArrayEquals(gradients.getFirst(), gradients.getLast(), 1e-6f);
  }

  @Test
  void exactGradientsOfNoChunksAreRefused() {
    assertThrows(InputException.class, () -> new Chunks(0, true));
  }
}
