package aviary.cli;

import aviary.evaluation.run.Progress;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/** Shows on a terminal how far an evaluation is, and tells at the end how fast it was. */
final class EvalProgress implements Progress, AutoCloseable {
  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 99;

  private final PrintStream err;
  private final ProgressBar bar;
  private final long begin = System.nanoTime();
  private long documents;

  /**
   * @param documents how many there are
   */
  EvalProgress(PrintStream err, long documents) {
    this.err = err;
    bar =
        Tty.is(SystemStream.Error)
            ? new ProgressBarBuilder()
                .setTaskName("eval")
                .setInitialMax(documents)
                .setUnit(" docs", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(err, LINE))
                .build()
            : null;
  }

  @Override
  public void documents(String task, long done, long kept, long total) {
    documents = done - kept;
    if (bar != null) {
      // The time left is of the speed of this run.
      bar.maxHint(total - kept);
      bar.stepTo(documents);
    }
  }

  /** Some tokens have been run. */
  void tokens(long tokens) {
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, "%.0f tokens/s", tokens / seconds()));
    }
  }

  private double seconds() {
    return (System.nanoTime() - begin) * 1e-9;
  }

  /** Tells how fast it was. */
  void end(long tokens) {
    close();
    err.println(
        String.format(
            Locale.ROOT,
            "%d documents in %.1f s, %.1f documents/s; %d tokens, %.1f tokens/s",
            documents,
            seconds(),
            documents / seconds(),
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
