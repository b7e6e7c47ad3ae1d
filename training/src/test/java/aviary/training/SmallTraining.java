package aviary.training;

import aviary.InputException;
import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A training that takes a second, for tests; also as a program that tests kill. */
final class SmallTraining {
  static final long STEPS = 40;

  private SmallTraining() {}

  static Model initial(Architecture architecture) {
    ModelShape shape =
        new ModelShape(
            architecture,
            2,
            24,
            31,
            8,
            null,
            architecture == Architecture.FINCH ? 4 : null,
            architecture == Architecture.FINCH ? 6 : null);
    return new InitialWeights(shape.config(), 5).model(Arena.ofAuto());
  }

  static TrainingOptions options(Chunks chunks, Tuned tuned) {
    return new TrainingOptions(STEPS, 1e-2, Schedule.COSINE, 5, 0.1, 1, chunks, tuned, 3, 2);
  }

  /** Counts up, so that there is something to learn. */
  static TextData data() {
    int[] tokens = new int[900];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (i + i / 31) % 31;
    }
    return new TextData(tokens, 0.1, 4, 12, 3, "counting");
  }

  static Trainer open(Path folder, boolean resume) throws IOException {
    return new Trainer(
        initial(Architecture.FINCH),
        Map.of("model", "small"),
        data(),
        options(Chunks.WHOLE, Tuned.WEIGHTS),
        folder,
        resume);
  }

  static boolean run(Path folder, boolean resume, BooleanSupplier stop) throws IOException {
    try (Trainer trainer = open(folder, resume)) {
      return trainer.run(new Saving(3, 1e9), TrainingProgress.NONE, stop);
    }
  }

  /**
   * Trains in a folder and tells each step; never comes to the end by itself.
   *
   * @param args the folder
   */
  public static void main(String[] args) throws IOException {
    try (Trainer trainer = open(Path.of(args[0]), false)) {
      TrainingProgress slow =
          (steps, _, _, _) -> {
            System.out.println(steps);
            try {
              Thread.sleep(steps > 10 ? 60_000 : 0);
            } catch (InterruptedException e) {
              throw new InputException("interrupted", e);
            }
          };
      trainer.run(new Saving(3, 1e9), slow, () -> false);
    }
  }
}
