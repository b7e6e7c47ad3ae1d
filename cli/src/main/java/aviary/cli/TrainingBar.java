package aviary.cli;

import aviary.training.Loss;
import aviary.training.TrainingOptions;
import aviary.training.TrainingProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/** Shows how far a training is, its loss and its speed: a bar on a terminal, or lines. */
final class TrainingBar implements TrainingProgress, AutoCloseable {
  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 110;

  /** Goes to the line's begin, and clears what is there. */
  private static final String CLEAR = "\r\033[K";

  private final PrintStream err;
  private final ProgressBar bar;
  private final TrainingLines lines;
  private double shown = Double.NaN;

  /**
   * @param done steps that were done before
   * @param all steps
   */
  TrainingBar(PrintStream err, long done, long all) {
    this(err, done, all, Double.POSITIVE_INFINITY, loss -> "");
  }

  /**
   * A bar of a training that may be ended by time, and whose held-out part is measured.
   *
   * @param limit the seconds after which it ends; infinite for no limit
   * @param measure tells the loss of the held-out part
   */
  TrainingBar(PrintStream err, long done, long all, double limit, Function<Loss, String> measure) {
    this.err = err;
    lines = new TrainingLines(err, done, System::nanoTime, limit, measure);
    bar =
        Tty.is(SystemStream.Error)
            ? new ProgressBarBuilder()
                .setTaskName("train")
                .setInitialMax(all == TrainingOptions.UNLIMITED ? -1 : all)
                .startsFrom(done, Duration.ZERO)
                .setUnit(" steps", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(err, LINE))
                .build()
            : null;
  }

  @Override
  public void step(long steps, long all, Loss loss, double tokensPerSecond) {
    if (bar == null) {
      lines.step(steps, all, loss, tokensPerSecond);
    } else {
      shown = Double.isNaN(shown) ? loss.mean() : 0.9 * shown + 0.1 * loss.mean();
      bar.stepTo(steps);
      bar.setExtraMessage(
          String.format(Locale.ROOT, "loss %.3f, %.0f tokens/s", shown, tokensPerSecond));
    }
  }

  @Override
  public void measured(long steps, long all, Loss loss) {
    clear();
    lines.measured(steps, all, loss);
  }

  @Override
  public void sampled(long steps, String text) {
    clear();
    lines.sampled(steps, text);
  }

  /** Makes room for lines in place of the bar, which comes again below them. */
  private void clear() {
    if (bar != null) {
      err.print(CLEAR);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
