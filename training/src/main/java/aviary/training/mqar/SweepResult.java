package aviary.training.mqar;

import java.util.Locale;

/**
 * What a cell of a sweep gave.
 *
 * @param steps how many batches it learned from
 * @param seed of the weights and the data
 * @param seconds how long that took
 * @param accuracy on examples that it had not seen
 */
public record SweepResult(
    SweepCell cell, int headSize, long steps, long seed, double seconds, double accuracy) {

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"arch\": \"%s\", \"layers\": %d, \"width\": %d, \"head_size\": %d, \"length\": %d,"
            + " \"pairs\": %d, \"learning_rate\": %s, \"steps\": %d, \"seed\": %d, \"seconds\": %.1f,"
            + " \"accuracy\": %.6f}",
        cell.arch(),
        cell.layers(),
        cell.width(),
        headSize,
        cell.length(),
        cell.pairs(),
        cell.learningRate(),
        steps,
        seed,
        seconds,
        accuracy);
  }
}
