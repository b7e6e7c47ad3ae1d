package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.model.ModelConfig.Architecture;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that share the work of a batch of five sequences. */
class LearnerTest {

  /** The same sums in another order: off by some 1e-6 of their largest terms. */
  private static final double TOLERANCE = 1e-4;

  /** Up to five threads take some sequences each; seven share the rows of each operation. */
  @ParameterizedTest
  @CsvSource({
    "FINCH, 0, WEIGHTS, 2, 0.6", "FINCH, 0, WEIGHTS, 5, 0.6", "EAGLE, 0, WEIGHTS, 3, 0.6",
    "FINCH, 5, WEIGHTS, 2, 0.6", "FINCH, 0, TIME_STATE, 2, 0.6", "EAGLE, 5, TIME_STATE, 4, 0.6",
    "FINCH, 0, WEIGHTS, 2, 0.1", "EAGLE, 5, WEIGHTS, 3, 0.1"
  })
  void gradientsDoNotDependOnWhoHasWhichPart(
      Architecture architecture, int chunk, Tuned tuned, int threads, double labelled) {
    Chunks chunks = new Chunks(chunk, false);
    Learned apart = Learned.of(architecture, chunks, tuned, threads, labelled);
    Learned together = Learned.of(architecture, chunks, tuned, 7, labelled);
    assertEquals(together.loss().mean(), apart.loss().mean(), 1e-5);
    assertEquals(together.loss().labels(), apart.loss().labels());
    assertEquals(0, together.distance(apart), TOLERANCE);
  }

  /** Gradients are cleared, and nothing is left of batches before, with more labels or fewer. */
  @ParameterizedTest
  @CsvSource({"2, WEIGHTS", "7, WEIGHTS", "2, TIME_STATE", "7, TIME_STATE"})
  void whatWasLearnedBeforeLeavesNothingInGradients(int threads, Tuned tuned) {
    Learned once = Learned.of(Architecture.FINCH, Chunks.WHOLE, tuned, threads, 0.1);
    try (Learner learner = Learned.learner(Architecture.FINCH, Chunks.WHOLE, tuned, threads)) {
      for (double labelled : new double[] {0.1, 0.6, 0.1}) {
        learner.gradients(0, Learned.batch(learner, labelled));
      }
      int tensor = 0;
      for (Parameter parameter : learner.trained()) {
        assertArrayEquals(
            once.gradients().get(tensor++), parameter.gradient(), 0, parameter.name());
      }
    }
  }
}
