package aviary.training.mqar;

import java.util.Locale;

/**
 * One training of a sweep: a model, a task and a learning rate.
 *
 * @param arch the architecture's name
 */
public record SweepCell(
    String arch, int layers, int width, int length, int pairs, double learningRate) {

  /** A name for its folder. */
  public String name() {
    return String.format(
        Locale.ROOT, "%s-l%d-w%d-t%d-p%d-lr%s", arch, layers, width, length, pairs, learningRate);
  }

  /** What lines of a plot are of: a model and a task. */
  String line() {
    return "%s, T %d, P %d".formatted(arch, length, pairs);
  }
}
