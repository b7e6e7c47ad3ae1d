package aviary.cli;

import aviary.training.Loss;
import aviary.training.TrainingProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Tells about every minute, in a line, how far a training is: for logs, which show no bars. */
final class TrainingLines implements TrainingProgress {
  private static final double EVERY_SECONDS = 60;

  private final PrintStream err;
  private final long done;
  private final LongSupplier clock;
  private final long begin;
  private long told;

  /**
   * @param done steps that were done before
   * @param clock in nanoseconds
   */
  TrainingLines(PrintStream err, long done, LongSupplier clock) {
    this.err = err;
    this.done = done;
    this.clock = clock;
    begin = clock.getAsLong();
    told = begin;
  }

  @Override
  public void step(long steps, long all, Loss loss, double tokensPerSecond) {
    long now = clock.getAsLong();
    if ((now - told) * 1e-9 < EVERY_SECONDS) {
      return;
    }
    told = now;
    err.println(
        String.format(
            Locale.ROOT,
            "aviary: step %d of %d, loss %.3f, %.0f tokens/s, %s left",
            steps,
            all,
            loss.mean(),
            tokensPerSecond,
            TimeLeft.of((now - begin) * 1e-9, steps - done, all - steps)));
  }
}
