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
    "FINCH, 0, WEIGHTS, 2", "FINCH, 0, WEIGHTS, 5", "EAGLE, 0, WEIGHTS, 3",
    "FINCH, 5, WEIGHTS, 2", "FINCH, 0, TIME_STATE, 2", "EAGLE, 5, TIME_STATE, 4"
  })
  void gradientsDoNotDependOnWhoHasWhichPart(
      Architecture architecture, int chunk, Tuned tuned, int threads) {
    Chunks chunks = new Chunks(chunk, false);
    Learned apart = Learned.of(architecture, chunks, tuned, threads);
    Learned together = Learned.of(architecture, chunks, tuned, 7);
    assertEquals(together.loss().mean(), apart.loss().mean(), 1e-5);
    assertEquals(together.loss().labels(), apart.loss().labels());
    assertEquals(0, together.distance(apart), TOLERANCE);
  }

  /** Gradients are cleared, and nothing is left of the batch before. */
  @ParameterizedTest
  @CsvSource({"2, WEIGHTS", "7, WEIGHTS", "2, TIME_STATE", "7, TIME_STATE"})
  void theSameBatchTwiceGivesTheSameGradients(int threads, Tuned tuned) {
    Learned once = Learned.of(Architecture.FINCH, Chunks.WHOLE, tuned, threads);
    try (Learner learner = Learned.learner(Architecture.FINCH, Chunks.WHOLE, tuned, threads)) {
      for (int i = 0; i < 2; i++) {
        learner.gradients(i, Learned.batch(learner));
      }
      int tensor = 0;
      for (Parameter parameter : learner.trained()) {
        assertArrayEquals(
            once.gradients().get(tensor++), parameter.gradient(), 0, parameter.name());
      }
    }
  }
}
