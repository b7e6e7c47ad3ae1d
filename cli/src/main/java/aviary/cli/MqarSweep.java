package aviary.cli;

import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.mqar.MqarTask;
import aviary.training.Loss;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import aviary.training.mqar.MqarTraining;
import aviary.training.mqar.Sweep;
import aviary.training.mqar.SweepCell;
import aviary.training.mqar.SweepResult;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** {@code aviary mqar sweep}. */
@Command(
    name = "sweep",
    description = {
      "Trains a model for each architecture, width, task and learning rate of the lists, and writes"
          + " results.jsonl, table.md and accuracy.png.",
      "What is in results.jsonl already is not done again, and a training that was interrupted goes"
          + " on."
    },
    footer = {
      "",
      "Example:",
      "  aviary mqar sweep --arch finch,eagle --width 64 --tasks 64:4 --lr 1e-3,3e-3 --output sweep"
    })
final class MqarSweep implements Callable<Integer> {
  private static final long WARM_UP = 100;
  private static final double WEIGHT_DECAY = 0.1;
  private static final double SAVE_SECONDS = 300;

  @ParentCommand private Mqar mqar;

  @Option(
      names = "--arch",
      split = ",",
      paramLabel = "ARCH",
      defaultValue = "finch,eagle",
      description = "Architectures, a list (default: ${DEFAULT-VALUE}).")
  private List<Architecture> architectures;

  @Option(
      names = "--width",
      split = ",",
      paramLabel = "N",
      defaultValue = "64,128",
      description = "Widths, a list (default: ${DEFAULT-VALUE}).")
  private List<Integer> widths;

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "T:P",
      converter = Task.class,
      defaultValue = "64:4",
      description = "Lengths and pairs, a list (default: ${DEFAULT-VALUE}).")
  private List<MqarTask> tasks;

  @Option(
      names = "--lr",
      split = ",",
      paramLabel = "RATE",
      defaultValue = "3e-3",
      description = "Learning rates, a list (default: ${DEFAULT-VALUE}).")
  private List<Double> rates;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "2",
      description = "The number of layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "The width of a head (default: ${DEFAULT-VALUE}).")
  private int headSize;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Examples to learn from (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Option(
      names = "--test-examples",
      paramLabel = "N",
      defaultValue = "3000",
      description = "Examples to measure with (default: ${DEFAULT-VALUE}).")
  private int testExamples;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each example is learned from (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--tokens-in-batch",
      paramLabel = "N",
      defaultValue = "16384",
      description = "Tokens in a batch, of sequences of any length (default: ${DEFAULT-VALUE}).")
  private int tokensInBatch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights and data (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads; 0 for one a core (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where everything goes.")
  private Path output;

  /** A length and pairs, of the usual vocabulary. */
  static final class Task implements ITypeConverter<MqarTask> {
    private static final int VOCABULARY = 8192;

    @Override
    public MqarTask convert(String text) {
      String[] numbers = text.split(":");
      try {
        return new MqarTask(
            VOCABULARY, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), true);
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new TypeConversionException("'%s' is not LENGTH:PAIRS, such as 64:4".formatted(text));
      }
    }
  }

  @Override
  public Integer call() throws IOException {
    Main main = mqar.main();
    Sweep sweep = new Sweep(output);
    List<SweepCell> cells = new ArrayList<>();
    for (MqarTask task : tasks) {
      for (Architecture architecture : architectures) {
        for (int width : widths) {
          for (double rate : rates) {
            String arch = architecture.name().toLowerCase(Locale.ROOT);
            cells.add(new SweepCell(arch, layers, width, task.length(), task.pairs(), rate));
          }
        }
      }
    }
    try (Interrupt interrupt = new Interrupt("INT", "TERM")) {
      for (int i = 0; i < cells.size(); i++) {
        SweepCell cell = cells.get(i);
        if (sweep.has(cell)) {
          continue;
        }
        main.err().printf("aviary: %d of %d: %s%n", i + 1, cells.size(), cell.name());
        SweepResult result = train(cell, interrupt);
        if (result == null) {
          main.err().println("aviary: stopped; the same command goes on");
          return Interrupt.EXIT_CODE;
        }
        sweep.add(result);
      }
    }
    main.out().print(sweep.table());
    return 0;
  }

  /** Null if somebody wanted to stop. */
  private SweepResult train(SweepCell cell, Interrupt interrupt) throws IOException {
    MqarTask task = new MqarTask(Task.VOCABULARY, cell.length(), cell.pairs(), true);
    int batch = Math.max(1, tokensInBatch / cell.length());
    MqarTraining training = new MqarTraining(task, examples, batch, epochs, testExamples, seed);
    TrainingOptions options =
        new TrainingOptions(
            training.steps(),
            cell.learningRate(),
            Schedule.COSINE,
            WARM_UP,
            WEIGHT_DECAY,
            1,
            Chunks.WHOLE,
            Tuned.WEIGHTS,
            seed,
            threads);
    try (Arena arena = Arena.ofShared()) {
      Model initial =
          new InitialWeights(
                  new ModelShape(
                          Architecture.valueOf(cell.arch().toUpperCase(Locale.ROOT)),
                          cell.layers(),
                          cell.width(),
                          task.vocabulary(),
                          headSize,
                          null,
                          null,
                          null)
                      .config(),
                  seed)
              .model(arena);
      long begin = System.nanoTime();
      try (Trainer trainer =
              new Trainer(
                  initial,
                  cell.name(),
                  training.data(),
                  options,
                  output.resolve(cell.name()),
                  true);
          TrainingBar bar = new TrainingBar(mqar.main().err(), trainer.steps(), options.steps())) {
        if (!trainer.run(new Saving(0, SAVE_SECONDS), bar, interrupt::asked)) {
          return null;
        }
        double seconds = (System.nanoTime() - begin) * 1e-9;
        Loss loss = training.test(trainer);
        return new SweepResult(cell, headSize, options.steps(), seed, seconds, loss.accuracy());
      }
    }
  }
}
