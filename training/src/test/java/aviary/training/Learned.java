package aviary.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.model.ModelConfig.Architecture;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.util.ArrayList;
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

  /**
   * A batch to learn from.
   *
   * @param labelled the share of its positions that have a label
   */
  static Sequences batch(Learner learner, double labelled) {
    return new RandomParameters(learner.model().config(), 29).batch(SEQUENCES, LENGTH, labelled);
  }

  static Learned of(Architecture architecture, Chunks chunks, Tuned tuned, int threads) {
    return of(architecture, chunks, tuned, threads, 0.6);
  }

  static Learned of(
      Architecture architecture, Chunks chunks, Tuned tuned, int threads, double labelled) {
    try (Learner learner = learner(architecture, chunks, tuned, threads)) {
      Loss loss = learner.gradients(0, batch(learner, labelled)).loss();
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
