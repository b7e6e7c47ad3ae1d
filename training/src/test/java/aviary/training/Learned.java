package aviary.training;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.model.ModelConfig.Architecture;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The gradients of a batch of five short sequences, a tensor each, and its loss. */
record Learned(Loss loss, List<float[]> gradients) {
  private static final int SEQUENCES = 5;
  private static final int LENGTH = 12;

  /** A small model that learns. */
  static Learner learner(Architecture architecture, Chunks chunks, Tuned tuned, int threads) {
    RandomParameters random =
        new RandomParameters(SmallTraining.initial(architecture).config(), 23);
    TrainingOptions options =
        new TrainingOptions(
            SmallTraining.STEPS, 1e-2, Schedule.COSINE, 5, 0.1, 1, chunks, tuned, 3, threads);
    return new Learner(random.parameters().toModel(), options);
  }

  /** Which positions have labels. */
  enum Labels {
    /** Most. */
    MOST,

    /**
     * The last but one of each sequence, and none of the fourth: so a layer runs in parts, and a
     * thread with that sequence alone has nothing to run.
     */
    FEW
  }

  static Sequences batch(Learner learner, Labels which) {
    RandomParameters random = new RandomParameters(learner.model().config(), 29);
    Sequences batch = random.batch(SEQUENCES, LENGTH, 0.6);
    if (which == Labels.FEW) {
      Arrays.fill(batch.labels(), Sequences.NOTHING);
      for (int s = 0; s < SEQUENCES; s++) {
        batch.labels()[(s + 1) * LENGTH - 2] = s == 3 ? Sequences.NOTHING : s + 1;
      }
      Rows rows = Rows.upToLastLabels(batch);
      assertNotSame(rows, rows.needed(), "the last layer runs in parts");
    }
    return batch;
  }

  static Learned of(Architecture architecture, Chunks chunks, Tuned tuned, int threads) {
    return of(architecture, chunks, tuned, threads, Labels.MOST);
  }

  static Learned of(
      Architecture architecture, Chunks chunks, Tuned tuned, int threads, Labels labels) {
    try (Learner learner = learner(architecture, chunks, tuned, threads)) {
      Loss loss = learner.gradients(0, batch(learner, labels)).loss();
      List<float[]> gradients = new ArrayList<>();
      learner.trained().forEach(parameter -> gradients.add(parameter.gradient()));
      return new Learned(loss, gradients);
    }
  }

  /** The greatest difference, as a share of the tensor's greatest gradient. */
  double distance(Learned other) {
    double most = 0;
    for (int tensor = 0; tensor < gradients.size(); tensor++) {
      float[] a = gradients.get(tensor);
      float[] b = other.gradients.get(tensor);
      double greatest = 0;
      double difference = 0;
      for (int i = 0; i < a.length; i++) {
        greatest = Math.max(greatest, Math.abs(a[i]));
        difference = Math.max(difference, Math.abs(a[i] - b[i]));
      }
      assertTrue(greatest > 0, "a gradient of zeros tells nothing");
      most = Math.max(most, difference / greatest);
    }
    return most;
  }
}
