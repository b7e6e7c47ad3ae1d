package aviary.cli;

import aviary.InputException;
import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConversion;
import aviary.model.ModelShape;
import aviary.model.WeightType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of commands that train. */
final class TrainingSettings {
  private static final int LAYERS = 2;
  private static final int WIDTH = 64;
  private static final int HEAD_SIZE = 64;

  // These have no default values, so that it is known which of them are given.
  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      converter = ArchitectureName.class,
      description = "The architecture: finch or eagle (default: finch).")
  private Architecture architecture;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "The number of layers (default: " + LAYERS + ").")
  private Integer layers;

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "The width of the model (default: " + WIDTH + ").")
  private Integer width;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      description = "The width of a head, a divisor of the model's (default: " + HEAD_SIZE + ").")
  private Integer headSize;

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
      converter = ThreadCount.class,
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
      converter = WeightTypeName.class,
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

  /** That the type is one that a training writes. */
  void requireType() {
    if (type == WeightType.Q8_0) {
      throw new InputException(
          "--dtype q8_0: a training writes f32, f16 or bf16; aviary convert makes q8_0 of that");
    }
  }

  /** That no option asks for another shape than that of a model that is there. */
  void requireNoShape() {
    refuse("--arch", architecture);
    refuse("--layers", layers);
    refuse("--width", width);
    refuse("--head-size", headSize);
  }

  /** Refuses an option, if it is given, that is of new models only. */
  static void refuse(String option, Object given) {
    if (given != null) {
      throw new InputException(
          ("%s: says what a new model is like, but --model names one that is there; leave one of the"
                  + " two out")
              .formatted(option));
    }
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
        new ModelShape(architecture(), layers(), width(), vocabulary, headSize(), null, null, null);
    return new InitialWeights(shape.config(), seed).model(arena);
  }

  /** What tells that model from others. */
  String origin() {
    return "%s, %d layers, width %d, heads of %d, seed %d"
        .formatted(
            architecture().name().toLowerCase(Locale.ROOT), layers(), width(), headSize(), seed);
  }

  /** The name of the type of the model that is written. */
  String type() {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private Architecture architecture() {
    return architecture == null ? Architecture.FINCH : architecture;
  }

  private int layers() {
    return layers == null ? LAYERS : layers;
  }

  private int width() {
    return width == null ? WIDTH : width;
  }

  private int headSize() {
    return headSize == null ? HEAD_SIZE : headSize;
  }

  /**
   * Trains, with a bar, until all steps are done or the user wants to stop, which is told.
   *
   * @return whether all are done
   */
  boolean run(Main main, Trainer trainer, Saving saving, TrainingOptions options)
      throws IOException {
    if (trainer.steps() == options.steps()) {
      main.err()
          .println("aviary: it is finished: all %d steps are done".formatted(options.steps()));
    } else {
      if (resume && !trainer.goesOn()) {
        main.err()
            .println(
                "aviary: --resume: there is no checkpoint in %s, so that a new training begins"
                    .formatted(output));
      }
      options.note().ifPresent(note -> main.err().println("aviary: " + note));
    }
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

  /** Writes what was trained, and says where it is. */
  void write(Main main, Trainer trainer, Tuned tuned) throws IOException {
    Path result = trainer.result();
    if (tuned == Tuned.TIME_STATE) {
      SafetensorsWriter.write(
          result, Map.of(), trainer.timeStates().values().stream().map(Entry::of).toList());
      main.err().println("aviary: the state is in " + result);
    } else {
      Model model = trainer.model();
      new ModelOutput(main.err(), result)
          .write(model.metadata(), ModelConversion.entries(model, type));
      main.err().println("aviary: the model is in " + result);
    }
  }
}
