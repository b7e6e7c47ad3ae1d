package aviary.training.mqar;

import aviary.InputException;
import aviary.mqar.MqarTask;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingFailure;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import aviary.training.TrainingProgress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * Trains cells with the settings of the Zoology paper, each in a folder of its own.
 *
 * @param folder holds the cells' folders
 * @param threads how many; 0 for one a core
 * @param stop asked before each step
 * @param progress hears of each step
 */
public record ModelTrainer(
    Path folder, int threads, BooleanSupplier stop, TrainingProgress progress)
    implements CellTrainer {
  private static final long WARM_UP = 100;
  private static final double WEIGHT_DECAY = 0.1;
  private static final double CLIP = 1;
  private static final Saving SAVING = new Saving(0, 300);

  @Override
  public void require(SweepCell cell) {
    try {
      SweepModel.of(cell.arch()).config(cell);
      options(cell, training(cell));
    } catch (InputException e) {
      throw new InputException(
          "--arch %s, --width %d, --tasks %d:%d: %s"
              .formatted(cell.arch(), cell.width(), cell.length(), cell.pairs(), e.getMessage()),
          e);
    }
  }

  /** What a user should know of a training. */
  public Optional<String> note(SweepCell cell) {
    return options(cell, training(cell)).note();
  }

  @Override
  public Optional<SweepResult> train(SweepCell cell) throws IOException {
    MqarTraining training = training(cell);
    TrainingOptions options = options(cell, training);
    try (Arena arena = Arena.ofShared();
        Trainer trainer =
            new Trainer(
                SweepModel.of(cell.arch()).initial(cell, arena),
                Map.of("model", cell.name()),
                training.data(),
                options,
                folder.resolve(cell.name()),
                true)) {
      try {
        if (!trainer.run(SAVING, progress, stop)) {
          return Optional.empty();
        }
      } catch (TrainingFailure e) {
        return Optional.of(
            new SweepResult(cell, trainer.steps(), trainer.seconds(), OptionalDouble.empty()));
      }
      double accuracy = training.test(trainer).accuracy();
      return Optional.of(
          new SweepResult(cell, options.steps(), trainer.seconds(), OptionalDouble.of(accuracy)));
    }
  }

  private MqarTraining training(SweepCell cell) {
    MqarTask task = new MqarTask(cell.vocabulary(), cell.length(), cell.pairs(), true);
    return new MqarTraining(
        task, cell.examples(), cell.batch(), cell.epochs(), cell.testExamples(), cell.seed());
  }

  private TrainingOptions options(SweepCell cell, MqarTraining training) {
    return new TrainingOptions(
        training.steps(),
        cell.learningRate(),
        Schedule.COSINE,
        WARM_UP,
        WEIGHT_DECAY,
        CLIP,
        Chunks.WHOLE,
        Tuned.WEIGHTS,
        cell.seed(),
        threads);
  }
}
