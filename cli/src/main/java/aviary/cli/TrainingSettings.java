package aviary.cli;

import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConversion;
import aviary.model.ModelShape;
import aviary.model.WeightType;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of commands that train. */
final class TrainingSettings {
  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      defaultValue = "finch",
      description = "The architecture: finch or eagle (default: ${DEFAULT-VALUE}).")
  private Architecture architecture;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "2",
      description = "The number of layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--width",
      paramLabel = "N",
      defaultValue = "64",
      description = "The width of the model (default: ${DEFAULT-VALUE}).")
  private int width;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "The width of a head, a divisor of the model's (default: ${DEFAULT-VALUE}).")
  private int headSize;

  @Option(names = "--batch-size", paramLabel = "N", description = "Sequences in a batch.")
  private Integer batchSize;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      defaultValue = "1.5e-3",
      description = "The greatest learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description =
          "What becomes of the learning rate after the warm-up: cosine (down to a hundredth),"
              + " constant (default: ${DEFAULT-VALUE}).")
  private Schedule schedule;

  @Option(
      names = "--warm-up",
      paramLabel = "STEPS",
      defaultValue = "100",
      description = "Steps in which the learning rate grows from 0 (default: ${DEFAULT-VALUE}).")
  private long warmUp;

  @Option(
      names = "--weight-decay",
      paramLabel = "N",
      defaultValue = "0.1",
      description =
          "How much of themselves, times the learning rate, matrices lose each step (default:"
              + " ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--clip",
      paramLabel = "N",
      defaultValue = "1",
      description = "The greatest length of the gradient; 0 for any (default: ${DEFAULT-VALUE}).")
  private double clip;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Of the first weights and of the data's order; the same seed and number of threads give"
              + " the same model (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads; 0 for one a core (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--save-steps",
      paramLabel = "N",
      defaultValue = "0",
      description = "Write a checkpoint after so many steps, too (default: never).")
  private long saveSteps;

  @Option(
      names = "--save-minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "Write a checkpoint after so many minutes (default: ${DEFAULT-VALUE}).")
  private double saveMinutes;

  @Option(
      names = "--resume",
      description = "Go on from the checkpoint in --output, if there is one; all options the same.")
  private boolean resume;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "The type of the model that is written at the end: f32, f16, bf16 (default:"
              + " ${DEFAULT-VALUE}).")
  private WeightType type;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where model.safetensors, checkpoint, metrics and plots go.")
  private Path output;

  int batchSize(int usual) {
    return batchSize == null ? usual : batchSize;
  }

  long seed() {
    return seed;
  }

  Path output() {
    return output;
  }

  TrainingOptions options(long steps, Chunks chunks, Tuned tuned) {
    return new TrainingOptions(
        steps, learningRate, schedule, warmUp, weightDecay, clip, chunks, tuned, seed, threads);
  }

  Saving saving() {
    return new Saving(saveSteps, saveMinutes * 60);
  }

  boolean resume() {
    return resume;
  }

  /** A model to begin with, in memory. */
  Model initial(int vocabulary, Arena arena) {
    ModelShape shape =
        new ModelShape(architecture, layers, width, vocabulary, headSize, null, null, null);
    return new InitialWeights(shape.config(), seed).model(arena);
  }

  /** What tells that model from others. */
  String origin() {
    return "%s, %d layers, width %d, heads of %d, seed %d"
        .formatted(architecture, layers, width, headSize, seed);
  }

  /**
   * Trains, with a bar, until all steps are done or the user wants to stop, which is told.
   *
   * @return whether all are done
   */
  boolean run(Main main, Trainer trainer, Saving saving, TrainingOptions options)
      throws IOException {
    boolean done;
    try (Interrupt interrupt = new Interrupt("INT", "TERM");
        TrainingBar bar = new TrainingBar(main.err(), trainer.steps(), options.steps())) {
      done = trainer.run(saving, bar, interrupt::asked);
    }
    if (!done) {
      main.err()
          .println(
              "aviary: stopped after step %d of %d; --resume goes on"
                  .formatted(trainer.steps(), options.steps()));
    }
    return done;
  }

  /** Writes the trained model. */
  void write(Main main, Trainer trainer) throws IOException {
    Model model = trainer.model();
    new ModelOutput(main.err(), output.resolve("model.safetensors"))
        .write(model.metadata(), ModelConversion.entries(model, type));
  }
}
