package aviary.cli;

import aviary.bench.Bench;
import aviary.bench.BenchFile;
import aviary.bench.Measurement;
import aviary.bench.Run;
import aviary.bench.Tables;
import java.io.PrintStream;
import java.util.List;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/**
 * Prints results as they come, and shows a terminal how far it is. All that is printed after {@link
 * #end} is dropped.
 */
final class BenchOutput implements Bench.Listener {

  /** How results are printed. */
  enum Form {
    table,
    markdown,
    csv,
    json
  }

  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 79;

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final Form form;
  private final Runnable keep;

  /** Null where nobody would see it. */
  private final ProgressBar bar;

  private boolean begun;
  private boolean ended;
  private int exitCode;

  /**
   * @param keep saves what is there so far
   */
  BenchOutput(PrintStream out, PrintStream err, Form form, Runnable keep) {
    this.out = out;
    this.err = err;
    this.form = form;
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

  @Override
  public synchronized void measured(Measurement measurement) {
    if (ended) {
      return;
    }
    besideTheBar(() -> {
      begin();
      switch (form) {
        case table -> out.println(Tables.row(measurement));
        case markdown -> out.println(Tables.markdownRow(measurement));
        case csv -> out.println(Tables.csvRow(measurement));
        case json -> {}
      }
      out.flush();
    });
    keep.run();
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
          case table -> Tables.head();
          case markdown -> Tables.markdownHead();
          case csv -> List.of(Tables.csvHead());
          case json -> List.of();
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
   * Ends it; a document of JSON is printed now.
   *
   * @param run all that was measured
   */
  synchronized void end(Run run) {
    ended = true;
    if (bar != null) {
      bar.close();
    }
    // Where there is nothing but a failure, that was told.
    if (form == Form.json && (exitCode == 0 || !run.measurements().isEmpty())) {
      out.print(BenchFile.write(run));
    }
    out.flush();
  }
}
