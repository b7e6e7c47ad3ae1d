package aviary.cli;

import aviary.InputException;
import aviary.engine.Backends;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jline.terminal.spi.SystemStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code aviary}: takes the command line apart, runs the command named there, and turns
 * whatever goes wrong into one line on stderr and an exit code. A command gets its streams from
 * here, through {@code @ParentCommand}.
 */
@Command(
    name = "aviary",
    description = "Runs the RWKV-5 \"Eagle\" and RWKV-6 \"Finch\" language models.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
public final class Main implements Callable<Integer> {
  /** The commands that soon open an engine. */
  private static final Set<String> RUN_MODELS = Set.of("generate", "chat", "logits", "eval");

  private static final List<Class<?>> COMMANDS =
      List.of(
          Generate.class,
          Chat.class,
          Tokenize.class,
          Logits.class,
          Eval.class,
          Train.class,
          Mqar.class,
          Inspect.class,
          Convert.class,
          Init.class,
          Devices.class,
          BenchCommand.class);

  private final InputStream in;
  private final BooleanSupplier typed;
  private final StandardOutput results;
  private final PrintStream out;
  private final PrintStream err;
  private boolean reported;

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  private Main(InputStream in, BooleanSupplier typed, OutputStream out, PrintStream err) {
    this.in = in;
    this.typed = typed;
    this.results = new StandardOutput(out);
    this.out = new PrintStream(results, false, StandardCharsets.UTF_8);
    this.err = err;
  }

  /** What the user pipes or types. */
  InputStream in() {
    return in;
  }

  /** Whether {@link #in} is a terminal, so that a person would have to type what is read. */
  boolean isTyped() {
    return typed.getAsBoolean();
  }

  /**
   * Where results go, and nothing else; text is UTF-8 whatever the locale. Not flushed by line. Its
   * {@link PrintStream#checkError} says that it cannot be written; the user is told at the end. If
   * its reader has ended, printing throws {@link ReaderGone}.
   */
  PrintStream out() {
    return out;
  }

  /** Where progress, figures and errors go. */
  PrintStream err() {
    return err;
  }

  /** Without a command there is nothing to do: shows which commands there are. */
  @Override
  public Integer call() {
    spec.commandLine().usage(err);
    return Failure.BAD_INPUT;
  }

  /**
   * Runs one command line whose input nobody types.
   *
   * @param out takes the results, in pieces of a buffer
   * @param args the words after {@code aviary}
   * @return 0, or {@link Failure#BAD_INPUT} or {@link Failure#FAILED} once one line on {@code err}
   *     has said why, or {@link ReaderGone#EXIT_CODE} without a word
   */
  static int run(InputStream in, OutputStream out, PrintStream err, String... args) {
    return new Main(in, () -> false, out, err).run(args);
  }

  private int run(String... args) {
    CommandLine commandLine = new CommandLine(this);
    commands(args).forEach(commandLine::addSubcommand);
    // Picocli itself does so only for commands that are there when their parent is made.
    commandLine.getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(command -> command.modelTransformer() != null)
        .forEach(command -> command.modelTransformer().transform(command));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.registerConverter(Path.class, new AnyPath());
    commandLine.setOut(new PrintWriter(out, false, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    commandLine.setParameterExceptionHandler((e, unused) -> report(e));
    commandLine.setExecutionExceptionHandler((e, unused, alsoUnused) -> report(e));
    int code;
    try {
      code = commandLine.execute(args);
      commandLine.getOut().flush();
      out.flush();
    } catch (Throwable e) {
      // Errors of the JVM (out of memory, a mapped file cut short) pass picocli's handlers by.
      code = report(e);
    }
    return results.failure() == null || reported ? code : report(results.failure());
  }

  /**
   * The commands that can be meant, in the order of the help. Taking a command's options from its
   * class is most of the time of a start, so that it is done for one command alone where the first
   * word names one.
   */
  private static List<Class<?>> commands(String... args) {
    String first = args.length == 0 ? "" : args[0];
    if (first.equals("--version") || first.equals("-V")) {
      return List.of();
    }
    return COMMANDS.stream()
        .filter(command -> command.getAnnotation(Command.class).name().equals(first))
        .findFirst()
        .<List<Class<?>>>map(List::of)
        .orElse(COMMANDS);
  }

  private int report(Throwable e) {
    reported = true;
    Failure failure = Failure.of(e);
    if (failure.exitCode() == ReaderGone.EXIT_CODE) {
      return failure.exitCode();
    }
    try {
      out.flush();
    } catch (ReaderGone gone) {
      // What went wrong is still of use on stderr.
    }
    err.println("aviary: " + failure.message() + hint(e));
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }

  private static String hint(Throwable e) {
    return switch (e) {
      case ParameterException told when told.getCause() instanceof InputException -> "";
      case UnmatchedArgumentException unknown when !unknown.getSuggestions().isEmpty() ->
          " (did you mean: " + String.join(", ", unknown.getSuggestions()) + ")";
      case ParameterException unclear ->
          " (try: " + unclear.getCommandLine().getCommandSpec().qualifiedName() + " --help)";
      default -> "";
    };
  }

  /**
   * The program's entry.
   *
   * @param args the words after {@code aviary}
   */
  public static void main(String[] args) {
    prepare(args);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    Main main =
        new Main(
            new FileInputStream(FileDescriptor.in),
            () -> Tty.is(SystemStream.Input),
            StandardOutput.ofProcess(),
            err);
    System.exit(main.run(args));
  }

  /** Loads the Vector API while the command line is read. */
  private static void prepare(String[] args) {
    boolean runsModels = args.length > 0 && RUN_MODELS.contains(args[0]);
    if (runsModels
        && Stream.of(args)
            .noneMatch(word -> word.startsWith("-dev") || word.startsWith("--device"))) {
      Backends.prepare(ModelOptions.USUAL_DEVICE);
    }
  }
}
