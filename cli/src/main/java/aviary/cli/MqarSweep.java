package aviary.cli;

import aviary.InputException;
import aviary.training.mqar.ModelTrainer;
import aviary.training.mqar.Sweep;
import aviary.training.mqar.SweepCell;
import aviary.training.mqar.SweepModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** {@code aviary mqar sweep}. */
@Command(
    name = "sweep",
    defaultValueProvider = MqarRecipe.class,
    description = {
      "Trains a model for each architecture, width, task, learning rate and seed of the lists, and"
          + " writes results.jsonl, table.md and accuracy.png.",
      "What is in results.jsonl already is not done again, and a training that was interrupted goes"
          + " on. One whose loss diverges is a result too."
    },
    footer = {
      "",
      "Example:",
      "  aviary mqar sweep --arch finch,eagle --width 64 --tasks 64:4 --lr 1e-3,3e-3 --output sweep"
    })
final class MqarSweep implements Callable<Integer> {
  @ParentCommand private Mqar mqar;

  @Mixin private MqarLearning learning;

  @Option(
      names = "--arch",
      split = ",",
      paramLabel = "ARCH",
      defaultValue = "finch,eagle",
      description = {
        "Architectures, a list (default: ${DEFAULT-VALUE}).",
        "linear is Eagle without decay: linear attention."
      })
  private List<SweepModel> models;

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
      converter = TaskOption.class,
      defaultValue = "64:4",
      description = "Lengths and pairs, a list (default: ${DEFAULT-VALUE}).")
  private List<Task> tasks;

  @Option(
      names = "--lr",
      split = ",",
      paramLabel = "RATE",
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
      names = "--vocab-size",
      paramLabel = "V",
      defaultValue = "8192",
      description = "The number of token ids (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--tokens-in-batch",
      paramLabel = "N",
      defaultValue = "16384",
      description = "Tokens in a batch, of sequences of any length (default: ${DEFAULT-VALUE}).")
  private int tokensInBatch;

  @Option(
      names = "--seed",
      split = ",",
      paramLabel = "N",
      description = "Of weights and data, a list (default: ${DEFAULT-VALUE}).")
  private List<Long> seeds;

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

  /** A length and pairs. */
  private record Task(int length, int pairs) {}

  /** Takes a length and pairs. */
  static final class TaskOption implements ITypeConverter<Task> {
    @Override
    public Task convert(String text) {
      String[] numbers = text.split(":", -1);
      try {
        if (numbers.length == 2) {
          return new Task(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        }
      } catch (NumberFormatException e) {
        // Told below.
      }
      throw new TypeConversionException("'%s' is not LENGTH:PAIRS, such as 64:4".formatted(text));
    }
  }

  @Override
  public Integer call() throws IOException {
    Main main = mqar.main();
    List<SweepCell> cells = cells();
    Sweep sweep = new Sweep(output);
    sweep.note().ifPresent(note -> main.err().println("aviary: " + note));
    long left = cells.stream().filter(cell -> !sweep.has(cell)).count();
    try (Interrupt interrupt = new Interrupt("INT", "TERM");
        TrainingBars bars = new TrainingBars(main.err())) {
      ModelTrainer trainer = new ModelTrainer(output, threads, interrupt::asked, bars);
      Set<String> told = new HashSet<>();
      Consumer<SweepCell> begins =
          cell -> {
            bars.next(cell.name(), left);
            trainer
                .note(cell)
                .filter(told::add)
                .ifPresent(note -> main.err().println("aviary: " + note));
          };
      if (!sweep.run(cells, trainer, begins)) {
        main.err().println("aviary: stopped; the same command goes on");
        return Interrupt.EXIT_CODE;
      }
    }
    main.out().print(sweep.table());
    return 0;
  }

  private List<SweepCell> cells() {
    List<SweepCell> cells = new ArrayList<>();
    for (Task task : tasks) {
      for (SweepModel model : models) {
        for (int width : widths) {
          for (double rate : rates) {
            for (long seed : seeds) {
              cells.add(cell(task, model, width, rate, seed));
            }
          }
        }
      }
    }
    return cells.stream().distinct().toList();
  }

  private SweepCell cell(Task task, SweepModel model, int width, double rate, long seed) {
    int batch = tokensInBatch / Math.max(1, task.length);
    if (batch < 1) {
      throw new InputException(
          "--tokens-in-batch %d: has to be at least the length of an example, %d tokens"
              .formatted(tokensInBatch, task.length));
    }
    if (learning.examples() < batch) {
      throw new InputException(
          "--examples %d: too few for one batch of --tokens-in-batch %d, which are %d examples of %d"
              .formatted(learning.examples(), tokensInBatch, batch, task.length));
    }
    return new SweepCell(
        model.label(),
        layers,
        width,
        headSize,
        vocabulary,
        task.length,
        task.pairs,
        learning.examples(),
        batch,
        learning.epochs(),
        learning.testExamples(),
        rate,
        seed);
  }
}
