package aviary.cli;

import aviary.training.Loss;
import aviary.training.TrainingProgress;
import java.io.PrintStream;

/** Shows how far several trainings are, one after the other: a line and a bar for each. */
final class TrainingBars implements TrainingProgress, AutoCloseable {
  private final PrintStream err;
  private TrainingBar bar;
  private long begun;

  TrainingBars(PrintStream err) {
    this.err = err;
  }

  /**
   * The next training begins.
   *
   * @param name what it is called
   * @param all how many there are
   */
  void next(String name, long all) {
    close();
    err.printf("aviary: %d of %d: %s%n", ++begun, all, name);
  }

  @Override
  public void step(long steps, long all, Loss loss, double tokensPerSecond) {
    if (bar == null) {
      bar = new TrainingBar(err, steps - 1, all);
    }
    bar.step(steps, all, loss, tokensPerSecond);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
