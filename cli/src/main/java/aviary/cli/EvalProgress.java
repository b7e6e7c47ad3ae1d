package aviary.cli;

import aviary.evaluation.run.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/**
 * Tells how far an evaluation is, and at the end how fast it was: on a terminal with a bar,
 * elsewhere with a line now and then.
 */
final class EvalProgress implements Progress, AutoCloseable {
  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 99;

  private static final double SECONDS_A_LINE = 30;

  private final PrintStream err;
  private final LongSupplier nanos;
  private final String unit;
  private final ProgressBar bar;
  private final long begin;
  private double lastLine;

  /** Of this run, without those that were kept of a run that was cut off. */
  private long documents;

  private long done;
  private long total;
  private long tokens;

  /**
   * @param documents how many there are; -1 if that is not known
   * @param unit what they are called
   */
  EvalProgress(PrintStream err, long documents, String unit) {
    this(err, documents, unit, Tty.is(SystemStream.Error), System::nanoTime);
  }

  /**
   * @param terminal whether {@code err} is one
   * @param nanos a clock
   */
  EvalProgress(PrintStream err, long documents, String unit, boolean terminal, LongSupplier nanos) {
    this.err = err;
    this.nanos = nanos;
    this.unit = unit;
    total = documents;
    begin = nanos.getAsLong();
    bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName("eval")
                .setInitialMax(documents)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(err, LINE))
                .build()
            : null;
  }

  @Override
  public void documents(String task, long done, long kept, long total) {
    documents = done - kept;
    this.done = done;
    this.total = total;
    if (bar != null) {
      // The time left is of the speed of this run.
      bar.maxHint(total - kept);
      bar.stepTo(documents);
    }
  }

  /** Some tokens have been run. */
  void tokens(long tokens) {
    this.tokens = tokens;
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, "%.0f tokens/s", tokens / seconds()));
    } else if (seconds() - lastLine >= SECONDS_A_LINE) {
      lastLine = seconds();
      err.println("aviary: eval: " + line());
    }
  }

  private String line() {
    String speed =
        String.format(Locale.ROOT, "%d tokens, %.1f tokens/s", tokens, tokens / seconds());
    if (total < 0) {
      return speed;
    }
    String left =
        documents == 0 ? "" : ", " + TimeLeft.of(seconds(), documents, total - done) + " left";
    return "%d of %d %s, %s%s".formatted(done, total, unit, speed, left);
  }

  private double seconds() {
    return (nanos.getAsLong() - begin) * 1e-9;
  }

  /** Tells how fast it was. */
  void end(long tokens) {
    close();
    err.println(
        String.format(
            Locale.ROOT,
            "%d %s in %.1f s, %.1f %s/s; %d tokens, %.1f tokens/s",
            documents,
            unit,
            seconds(),
            documents / seconds(),
            unit,
            tokens,
            tokens / seconds()));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
