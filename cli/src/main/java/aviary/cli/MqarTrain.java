package aviary.cli;

import aviary.model.Model;
import aviary.training.Loss;
import aviary.training.Observation;
import aviary.training.Trainer;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import aviary.training.mqar.MqarTraining;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary mqar train}. */
@Command(
    name = "train",
    defaultValueProvider = MqarRecipe.class,
    description = {
      "Trains a model on MQAR and measures it on examples that it has not seen.",
      "Two layers of width 64, 100,000 examples, batches of 256 and a weight decay of 0.1 if nothing"
          + " is said, as the Zoology paper has it."
    },
    footer = {"", "Example:", "  aviary mqar train --length 64 --pairs 4 --output mqar"})
final class MqarTrain implements Callable<Integer> {
  @ParentCommand private Mqar mqar;

  @Mixin private TrainingSettings settings;

  @Mixin private MqarOptions options;

  @Mixin private MqarLearning learning;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      description = "Examples in a batch (default: ${DEFAULT-VALUE}).")
  private int count;

  @Override
  public Integer call() throws IOException {
    settings.requireType();
    settings.saving(); // Refused, if it is to be, before there is a folder.
    Main main = mqar.main();
    MqarTraining training =
        new MqarTraining(
            options.task(),
            learning.examples(),
            count,
            learning.epochs(),
            learning.testExamples(),
            settings.seed());
    TrainingOptions trainingOptions =
        settings.options(training.steps(), Chunks.WHOLE, Tuned.WEIGHTS);
    try (Arena arena = Arena.ofShared()) {
      Model initial = settings.initial(training.task().vocabulary(), arena);
      try (Trainer trainer =
          new Trainer(
              initial,
              Map.of(
                  "model",
                  settings.origin(),
                  "dtype",
                  settings.type(),
                  "test-examples",
                  String.valueOf(learning.testExamples())),
              training.data(),
              trainingOptions,
              settings.output(),
              settings.resume())) {
        Observation observation =
            new Observation(
                settings.evalEvery(), training.heldOut(), 0, Double.NaN, 0, model -> "");
        if (!settings.run(main, trainer, trainingOptions, stop -> observation)) {
          return Interrupt.EXIT_CODE;
        }
        Loss loss = training.test(trainer);
        main.out()
            .println(
                String.format(
                    Locale.ROOT,
                    "test accuracy %.4f, loss %.4f, of %d queries",
                    loss.accuracy(),
                    loss.mean(),
                    loss.labels()));
      }
    }
    return 0;
  }
}
