package aviary.cli;

import aviary.InputException;
import aviary.bench.Bench;
import aviary.bench.BenchFile;
import aviary.bench.BenchListener;
import aviary.bench.Measurement;
import aviary.bench.Run;
import aviary.bench.Tables;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/**
 * Prints results as they come, and shows a terminal how far it is. All that is printed after {@link
 * #end} is dropped.
 */
final class BenchOutput implements BenchListener {

  /** How results are printed. */
  enum Form {
    table,
    md,
    csv,
    json,
    jsonl;

    /**
     * The form of a name, also of those that llama-bench and other commands have for it.
     *
     * @throws InputException if there is none
     */
    static Form of(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      return switch (lower) {
        case "markdown" -> md;
        case "ndjson" -> jsonl;
        case "sql" ->
            throw new InputException(
                "--output sql: aviary writes no SQL; databases read csv or jsonl");
        default ->
            Stream.of(values())
                .filter(form -> form.name().equals(lower))
                .findFirst()
                .orElseThrow(() ->
                    new InputException(
                        "--output %s: there is no such form; there are table, md, csv, json, jsonl"
                            .formatted(name)));
      };
    }
  }

  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 79;

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final Form form;
  private final Bench bench;
  private final Tables tables;
  private final Consumer<Run> keep;

  /** Null where nobody would see it. */
  private final ProgressBar bar;

  private boolean begun;
  private boolean ended;
  private int exitCode;

  /**
   * @param bench what is heard
   * @param keep saves what is there so far
   */
  BenchOutput(PrintStream out, PrintStream err, Form form, Bench bench, Consumer<Run> keep) {
    this.out = out;
    this.err = err;
    this.form = form;
    this.bench = bench;
    tables = bench.tables();
    this.keep = keep;
    bar =
        Tty.is(SystemStream.Error)
            ? new ProgressBarBuilder()
                .setTaskName("bench")
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(err, LINE))
                .hideEta()
                .clearDisplayOnFinish()
                .build()
            : null;
  }

  /** 0, or that of the first failure. */
  synchronized int exitCode() {
    return exitCode;
  }

  @Override
  public synchronized void next(String what, int done, int all) {
    if (bar != null && !ended) {
      bar.maxHint(all).stepTo(done).setExtraMessage(what).refresh();
    }
  }

  /** A line where there is no bar, so that a long run shows that it goes on. */
  @Override
  public synchronized void begun(String what) {
    if (bar == null && !ended) {
      err.println("aviary: measuring " + what);
    }
  }

  @Override
  public synchronized void measured(Measurement measurement) {
    if (ended) {
      return;
    }
    Run soFar = bench.soFar();
    besideTheBar(() -> {
      begin();
      switch (form) {
        case table -> out.println(tables.row(measurement));
        case md -> out.println(Tables.markdownRow(measurement));
        case csv -> out.println(Tables.csvRow(measurement, soFar));
        case jsonl -> out.println(BenchFile.line(measurement, soFar.environment()));
        case json -> {}
      }
      out.flush();
    });
    keep.accept(soFar);
  }

  @Override
  public synchronized void failed(String what, Throwable why) {
    if (ended) {
      return;
    }
    Failure failure = Failure.of(why);
    exitCode = exitCode == 0 ? failure.exitCode() : exitCode;
    besideTheBar(() -> err.println("aviary: %s: %s".formatted(what, failure.message())));
  }

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    List<String> head =
        switch (form) {
          case table -> tables.head();
          case md -> Tables.markdownHead();
          case csv -> List.of(Tables.csvHead());
          case json, jsonl -> List.of();
        };
    head.forEach(out::println);
  }

  private void besideTheBar(Runnable printing) {
    if (bar == null) {
      printing.run();
      return;
    }
    bar.pause();
    err.print(CLEAR_LINE);
    err.flush();
    printing.run();
    bar.resume();
  }

  /**
   * Ends it; a document of JSON is printed now, and what stands below a table.
   *
   * @return all that was measured
   */
  synchronized Run end() {
    ended = true;
    Run run = bench.soFar();
    if (bar != null) {
      bar.close();
    }
    // Where there is nothing but a failure, that was told.
    if (form == Form.json && (exitCode == 0 || !run.measurements().isEmpty())) {
      out.print(BenchFile.write(run));
    }
    if (begun && (form == Form.table || form == Form.md)) {
      out.println();
      out.println(Tables.foot(run));
    }
    out.flush();
    return run;
  }
}
