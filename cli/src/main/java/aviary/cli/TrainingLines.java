package aviary.cli;

import aviary.training.Loss;
import aviary.training.TrainingOptions;
import aviary.training.TrainingProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Tells about every minute, in a line, how far a training is: for logs, which show no bars. */
final class TrainingLines implements TrainingProgress {
  private static final double EVERY_SECONDS = 60;

  private final PrintStream err;
  private final long done;
  private final LongSupplier clock;
  private final double limit;
  private final Function<Loss, String> measure;
  private final long begin;
  private long told;

  /**
   * @param done steps that were done before
   * @param clock in nanoseconds
   * @param limit the seconds after which the training ends; infinite for no limit
   * @param measure tells the loss of the held-out part
   */
  TrainingLines(
      PrintStream err,
      long done,
      LongSupplier clock,
      double limit,
      Function<Loss, String> measure) {
    this.err = err;
    this.done = done;
    this.clock = clock;
    this.limit = limit;
    this.measure = measure;
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
    double elapsed = (now - begin) * 1e-9;
    double left = TimeLeft.of(elapsed, steps - done, all - steps).seconds();
    err.println(
        String.format(
            Locale.ROOT,
            "aviary: %s, loss %.3f, %.0f tokens/s, %s left",
            step(steps, all),
            loss.mean(),
            tokensPerSecond,
            new TimeLeft(Math.min(left, Math.max(0, limit - elapsed)))));
  }

  @Override
  public void measured(long steps, long all, Loss loss) {
    // The last one is a result, which stdout has.
    if (steps < all) {
      err.println("aviary: %s, held out: %s".formatted(step(steps, all), measure.apply(loss)));
    }
  }

  @Override
  public void sampled(long steps, String text) {
    err.println("aviary: step %d, a sample:".formatted(steps));
    printable(text).lines().forEach(line -> err.println("  | " + line));
  }

  private static String step(long steps, long all) {
    return all == TrainingOptions.UNLIMITED ? "step " + steps : "step " + steps + " of " + all;
  }

  /** A model that has learned little writes anything, of which a terminal is to obey nothing. */
  private static String printable(String text) {
    return text.strip().replaceAll("[\\p{Cntrl}\u0080-\u009f&&[^\n\t]]", "?");
  }
}
