package aviary.training.mqar;

import java.util.Locale;

/**
 * One training of a sweep: a model, what it learns from, and how. Two that differ in anything are
 * two cells.
 *
 * @param arch the model's label, of {@link SweepModel}
 * @param layers the number of layers
 * @param width of the model
 * @param headSize the width of a head
 * @param vocabulary V
 * @param length T
 * @param pairs P
 * @param examples to learn from
 * @param batch how many examples a batch has
 * @param epochs how often each is learned from
 * @param testExamples to measure with
 * @param learningRate the greatest
 * @param seed of the weights and the examples
 */
public record SweepCell(
    String arch,
    int layers,
    int width,
    int headSize,
    int vocabulary,
    int length,
    int pairs,
    int examples,
    int batch,
    int epochs,
    int testExamples,
    double learningRate,
    long seed) {

  /** A name for its folder. */
  public String name() {
    return String.format(
        Locale.ROOT,
        "%s-l%d-w%d-h%d-v%d-t%d-p%d-n%d-b%d-e%d-m%d-lr%s-s%d",
        arch,
        layers,
        width,
        headSize,
        vocabulary,
        length,
        pairs,
        examples,
        batch,
        epochs,
        testExamples,
        learningRate,
        seed);
  }
}
