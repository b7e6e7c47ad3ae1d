package aviary.cli;

import aviary.InputException;
import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.model.WeightType;
import aviary.training.Observation;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingLength;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
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
      description =
          "What becomes of the learning rate after the warm-up: cosine (down to a hundredth at the"
              + " last step), constant (default: cosine, and constant without --steps).")
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
      names = "--minutes",
      paramLabel = "N",
      description =
          "End after this time at the latest; --resume goes on for as long again (default: no"
              + " limit).")
  private Double minutes;

  @Option(
      names = "--resume",
      description =
          "Resume from the checkpoint in --output, if there is one, with its --steps and --schedule"
              + " if these are left out; all other options the same. If the schedule is constant"
              + " there may be more --steps.")
  private boolean resume;

  /** What the resumed training was begun with; null for a new one. */
  private TrainingLength begun;

  /** Whether it has from there what the command line does not say. */
  private boolean takesOver;

  @Option(
      names = "--eval-every",
      paramLabel = "STEPS",
      defaultValue = "250",
      description =
          "Measure what is held out each time this many steps are done, for the curve in"
              + " metrics.jsonl and loss.png; 0 for never (default: ${DEFAULT-VALUE}).")
  private long evalEvery;

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

  int threads() {
    return threads;
  }

  long evalEvery() {
    return evalEvery;
  }

  /**
   * The options of a training. What is not given of the length is taken from the training that is
   * resumed.
   *
   * @param steps how many; null where the time or the resumed training's own number ends it
   * @throws InputException if nothing ends it, or the resumed training has another schedule
   * @throws IOException if that training's checkpoint cannot be read
   */
  TrainingOptions options(Long steps, Chunks chunks, Tuned tuned) throws IOException {
    if (minutes != null && !(minutes > 0)) {
      throw new InputException("--minutes %s: it has to be above 0".formatted(minutes));
    }
    if (resume) {
      begun = TrainingLength.recorded(output).orElse(null);
    }
    if (begun != null) {
      begun.requireSchedule(output, schedule);
    }
    Schedule used = schedule;
    if (used == null) {
      used = steps == null ? Schedule.CONSTANT : Schedule.COSINE;
      if (begun != null) {
        takesOver = used != begun.schedule();
        used = begun.schedule();
      }
    }
    return new TrainingOptions(
        steps == null ? stepsLeftOut(used) : steps,
        learningRate,
        used,
        warmUp,
        weightDecay,
        clip,
        chunks,
        tuned,
        seed,
        threads);
  }

  /** How many steps there are if nobody says it; a constant rate may go on for all the time. */
  private long stepsLeftOut(Schedule used) {
    if (begun != null && (minutes == null || used == Schedule.COSINE)) {
      if (begun.steps() != TrainingOptions.UNLIMITED) {
        takesOver = true;
        return begun.steps();
      }
    }
    if (minutes == null) {
      throw new InputException("--steps is missing: say how many, or with --minutes how long");
    }
    return TrainingOptions.UNLIMITED;
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
   * Trains, with a bar, until all steps are done, the time is up or the user wants to stop, and
   * says where what was trained is.
   *
   * @param observation what is looked at meanwhile, by what is asked whether to stop
   * @return whether it came to its end; false if the user wants to stop
   */
  boolean run(
      Main main,
      Trainer trainer,
      TrainingOptions options,
      Function<BooleanSupplier, Observation> observation)
      throws IOException {
    tellBefore(main, trainer, options);
    TrainingOutput output = new TrainingOutput(main.err(), trainer, options.tuned(), type);
    double limit = minutes == null ? Double.POSITIVE_INFINITY : 60 * minutes;
    long begin = System.nanoTime();
    boolean done;
    boolean stopped;
    try (Interrupt interrupt = new Interrupt("INT", "TERM")) {
      Observation looked = observation.apply(interrupt::asked);
      try (TrainingBar bar =
          new TrainingBar(
              main.err(),
              trainer.steps(),
              options.steps(),
              limit,
              loss -> TrainingOutput.shown(looked, loss))) {
        done =
            trainer.run(
                saving(),
                looked,
                output.withProgress(bar),
                () -> interrupt.asked() || (System.nanoTime() - begin) * 1e-9 >= limit);
      }
      stopped = !done && interrupt.asked();
    }
    if (!done) {
      main.err()
          .println(
              "aviary: %s after step %d%s; --resume goes on"
                  .formatted(
                      stopped ? "stopped" : "the time is up",
                      trainer.steps(),
                      options.steps() == TrainingOptions.UNLIMITED
                          ? ""
                          : " of " + options.steps()));
    }
    output.finish();
    return !stopped;
  }

  private void tellBefore(Main main, Trainer trainer, TrainingOptions options) {
    if (takesOver) {
      TrainingLength length = new TrainingLength(options.steps(), options.schedule());
      main.err().println("aviary: resumes with " + length.described());
    }
    if (trainer.steps() == options.steps()) {
      main.err()
          .println("aviary: it is finished: all %d steps are done".formatted(options.steps()));
      return;
    }
    if (resume && !trainer.goesOn()) {
      main.err()
          .println(
              "aviary: --resume: there is no checkpoint in %s, so that a new training begins"
                  .formatted(output));
    }
    if (schedule == null && begun == null && options.schedule() == Schedule.CONSTANT) {
      main.err()
          .println(
              "aviary: without --steps the learning rate stays at %s after the warm-up"
                  .formatted(learningRate));
    }
    options.note().ifPresent(note -> main.err().println("aviary: " + note));
  }
}
