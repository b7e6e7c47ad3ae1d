package aviary.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
    scope = ScopeType.INHERIT,
    subcommands = {Convert.class, Init.class})
public final class Main implements Callable<Integer> {
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  Main(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** What the user pipes or types. */
  InputStream in() {
    return in;
  }

  /** Where results go, and nothing else; text is UTF-8 whatever the locale. Not flushed by line. */
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
   * Runs one command line.
   *
   * @param args the words after {@code aviary}
   * @return 0, or {@link Failure#BAD_INPUT} or {@link Failure#FAILED} once one line on {@code err}
   *     has said why
   */
  static int run(InputStream in, PrintStream out, PrintStream err, String... args) {
    Main main = new Main(in, out, err);
    CommandLine commandLine = new CommandLine(main);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setOut(new PrintWriter(out, false, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    commandLine.setParameterExceptionHandler((e, unused) -> main.report(e));
    commandLine.setExecutionExceptionHandler((e, unused, alsoUnused) -> main.report(e));
    try {
      int code = commandLine.execute(args);
      commandLine.getOut().flush();
      out.flush();
      return code;
    } catch (Throwable e) {
      // Errors of the JVM (out of memory, a mapped file cut short) pass picocli's handlers by.
      return main.report(e);
    }
  }

  private int report(Throwable e) {
    out.flush();
    Failure failure = Failure.of(e);
    err.println("aviary: " + failure.message() + hint(e));
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }

  private static String hint(Throwable e) {
    return e instanceof ParameterException p
        ? " (try: " + p.getCommandLine().getCommandSpec().qualifiedName() + " --help)"
        : "";
  }

  /**
   * The program's entry.
   *
   * @param args the words after {@code aviary}
   */
  public static void main(String[] args) {
    StandardOutput results = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    PrintStream out = new PrintStream(results, false, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(new FileInputStream(FileDescriptor.in), out, err, args);
    if (code == 0 && results.failure() != null) {
      err.println("aviary: standard output cannot be written: " + results.failure().getMessage());
      code = Failure.FAILED;
    }
    System.exit(code);
  }
}
