package aviary.cli;

import aviary.InputException;
import aviary.engine.Backends;
import aviary.engine.BlasChoice;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Split;
import aviary.model.Model;
import aviary.model.ModelConversion;
import aviary.model.ModelFiles;
import aviary.model.WeightType;
import aviary.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model to run, and how. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  static final String USUAL_DEVICE = "cpu";

  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description =
          "The model: a .safetensors or .pth file, an index of shards, or a folder that holds one"
              + " model.")
  private Path path;

  /** The model that is used as none was named; null if one was. */
  private ShippedModel shipped;

  @Mixin private VocabularyOptions vocabulary;

  @Option(
      names = "--device",
      defaultValue = USUAL_DEVICE,
      paramLabel = "ID",
      description = {
        "What runs it, as 'aviary devices' lists them (default: ${DEFAULT-VALUE}).",
        "Several with commas between them share the work as --split says."
      })
  private String device;

  @Option(
      names = "--split",
      paramLabel = "HOW",
      converter = SplitOption.class,
      description = {
        "How several devices share the work (default: batch).",
        "batch: the model is on each of them, and each has some of the sequences.",
        "layers: each has a part of the model's layers, in proportion to its memory; layers=10,14"
            + " says how many each has."
      })
  private Split split;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      converter = ThreadCount.class,
      description = "Threads of a device that runs on the host's cores; 0 for one a core.")
  private int threads;

  @Option(
      names = "--blas",
      defaultValue = "auto",
      paramLabel = "NAME",
      converter = BlasOption.class,
      description = {
        "Who multiplies matrices with many rows on the host's cores: auto, none (aviary itself),"
            + " openblas, mkl (default: ${DEFAULT-VALUE}).",
        "Libraries are looked for where the system's loader does, and in AVIARY_BLAS_PATH."
      })
  private BlasChoice blas;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      converter = WeightTypeName.class,
      description =
          "Convert the weights at load: f32, f16, bf16 or q8_0. Without it they are used as they"
              + " are.")
  private WeightType type;

  /** What {@code --split} is given. */
  static final class SplitOption implements ITypeConverter<Split> {
    @Override
    public Split convert(String text) {
      return Split.parse(text);
    }
  }

  /** What {@code --blas} is given. */
  static final class BlasOption implements ITypeConverter<BlasChoice> {
    @Override
    public BlasChoice convert(String text) {
      return BlasChoice.parse(text);
    }
  }

  /**
   * A model that is ready to run.
   *
   * @param model its weights as they are run
   * @param tokenizer its tokenizer, which is read while the engine is made
   */
  record OpenModel(
      ModelOptions options, Arena arena, Model model, Engine engine, Future<Tokenizer> tokenizer)
      implements AutoCloseable {

    /** What results call it: the last part of its path. */
    String name() {
      return options.path.toAbsolutePath().normalize().getFileName().toString();
    }

    /**
     * Waits for its tokenizer.
     *
     * @throws ExecutionException why there is none
     */
    Tokenizer awaitTokenizer() throws ExecutionException, InterruptedException {
      return tokenizer.get();
    }

    /**
     * Says what the user should know before the model runs. Errors of input come alone, so this is
     * called when they have been found.
     */
    void announce(PrintStream err) {
      if (options.shipped != null) {
        options.shipped.announce(err);
      }
      noteOfUselessBlas(options.command, List.of(options.device)).ifPresent(err::println);
    }

    @Override
    public void close() {
      engine.close();
      arena.close();
    }
  }

  /**
   * Opens the model, or one that aviary comes with if none was named. {@link OpenModel#announce}
   * says which.
   */
  OpenModel openOr(ShippedModel usual) throws IOException {
    if (path == null) {
      path = usual.path();
      shipped = usual;
    }
    return open();
  }

  private OpenModel open() throws IOException {
    EngineOptions options = new EngineOptions(threads, Optional.ofNullable(split), blas);
    Arena arena = Arena.ofShared();
    try {
      Model stored = ModelFiles.open(path, arena);
      int embeddings = stored.config().vocabulary();
      FutureTask<Tokenizer> tokenizer = new FutureTask<>(() -> vocabulary.of(path, embeddings));
      Thread.ofPlatform().daemon().start(tokenizer);
      Model model = type == null ? stored : converted(stored, arena);
      return new OpenModel(this, arena, model, Backends.open(model, device, options), tokenizer);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /**
   * A line that says that {@code --blas} has no effect, where it was given for devices that use
   * none of the host's cores.
   *
   * @param devices lists of them
   */
  static Optional<String> noteOfUselessBlas(CommandSpec command, List<String> devices) {
    boolean given = command.commandLine().getParseResult().hasMatchedOption("--blas");
    return given
            && devices.stream()
                .allMatch(list -> Backends.cores(list, EngineOptions.DEFAULT).isEmpty())
        ? Optional.of("aviary: --blas has no effect on " + String.join(", ", devices))
        : Optional.empty();
  }

  private Model converted(Model stored, Arena arena) {
    try {
      return ModelConversion.convert(stored, type, arena);
    } catch (InputException e) {
      // A weight that the type cannot hold: of which tensor it is told, but not of which file.
      throw new InputException(path + ": " + e.getMessage(), e);
    }
  }
}
