package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.model.ModelConfig.Architecture;
import aviary.training.Learned.Labels;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that share the work of a batch of five sequences. */
class LearnerTest {

  /** The same sums in another order: off by some 1e-6 of their largest terms. */
  private static final double TOLERANCE = 1e-4;

  /** Up to five threads take some sequences each; seven share the rows of each operation. */
  @ParameterizedTest
  @CsvSource({
    "FINCH, 0, WEIGHTS, 2, MOST", "FINCH, 0, WEIGHTS, 5, MOST", "EAGLE, 0, WEIGHTS, 3, MOST",
    "FINCH, 5, WEIGHTS, 2, MOST", "FINCH, 0, TIME_STATE, 2, MOST", "EAGLE, 5, TIME_STATE, 4, MOST",
    "FINCH, 0, WEIGHTS, 2, FEW", "EAGLE, 4, WEIGHTS, 3, FEW", "FINCH, 0, WEIGHTS, 5, FEW",
    "EAGLE, 0, WEIGHTS, 5, FEW", "EAGLE, 0, TIME_STATE, 5, FEW"
  })
  void gradientsDoNotDependOnWhoHasWhichPart(
      Architecture architecture, int chunk, Tuned tuned, int threads, Labels labels) {
    Chunks chunks = new Chunks(chunk, false);
    Learned apart = Learned.of(architecture, chunks, tuned, threads, labels);
    Learned together = Learned.of(architecture, chunks, tuned, 7, labels);
    assertEquals(together.loss().mean(), apart.loss().mean(), 1e-5);
    assertEquals(together.loss().labels(), apart.loss().labels());
    assertEquals(0, together.distance(apart), TOLERANCE);
  }

  /** Gradients are cleared, and nothing is left of batches before, with more labels or fewer. */
  @ParameterizedTest
  @CsvSource({"2, WEIGHTS", "7, WEIGHTS", "2, TIME_STATE", "7, TIME_STATE"})
  void whatWasLearnedBeforeLeavesNothingInGradients(int threads, Tuned tuned) {
    Learned once = Learned.of(Architecture.FINCH, Chunks.WHOLE, tuned, threads, Labels.FEW);
    try (Learner learner = Learned.learner(Architecture.FINCH, Chunks.WHOLE, tuned, threads)) {
      for (Labels labels : List.of(Labels.FEW, Labels.MOST, Labels.FEW)) {
        learner.gradients(0, Learned.batch(learner, labels));
      }
      int tensor = 0;
      for (Parameter parameter : learner.trained()) {
        assertArrayEquals(
            once.gradients().get(tensor++), parameter.gradient(), 0, parameter.name());
      }
    }
  }

  /** The reference computes every position; it gives logits as floats. */
  @ParameterizedTest
  @CsvSource({"FINCH, 0, 2", "FINCH, 5, 7", "EAGLE, 0, 5", "EAGLE, 5, 2"})
  void theLossAloneOfFewLabelsIsThatOfTheReference(
      Architecture architecture, int chunk, int threads) {
    try (Learner learner = Learned.learner(architecture, Chunks.WHOLE, Tuned.WEIGHTS, threads)) {
      Sequences batch = Learned.batch(learner, Labels.FEW);
      Loss loss = learner.loss(batch, chunk);
      assertEquals(4, loss.labels());
      assertEquals(DoubleLoss.mean(learner.model(), batch), loss.mean(), 1e-5);
    }
  }
}
