package aviary.cli;

import aviary.training.Loss;
import aviary.training.TrainingProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.spi.SystemStream;

/** Shows how far a training is, its loss and its speed: a bar on a terminal, or lines. */
final class TrainingBar implements TrainingProgress, AutoCloseable {
  /** What the bar may fill of a terminal's line; to ask the terminal would disturb it. */
  private static final int LINE = 110;

  private final ProgressBar bar;
  private final TrainingLines lines;
  private double shown = Double.NaN;

  /**
   * @param done steps that were done before
   * @param all steps
   */
  TrainingBar(PrintStream err, long done, long all) {
    lines = new TrainingLines(err, done, System::nanoTime);
    bar =
        Tty.is(SystemStream.Error)
            ? new ProgressBarBuilder()
                .setTaskName("train")
                .setInitialMax(all)
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
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
