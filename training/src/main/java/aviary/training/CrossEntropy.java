package aviary.training;

import aviary.cpu.Functions;

/** The loss of one row of logits, and its gradient. */
final class CrossEntropy {
  private CrossEntropy() {}

  /** What one row costs. */
  record Row(double loss, boolean right) {}

  /**
   * Turns a row of logits into their gradients: {@code (softmax(logits) - 1 at the label) *
   * factor}.
   *
   * @param factor what the loss of a label is multiplied by
   */
  static Row row(float[] logits, int at, int vocabulary, int label, float factor) {
    float greatest = Float.NEGATIVE_INFINITY;
    int where = 0;
    for (int i = 0; i < vocabulary; i++) {
      if (logits[at + i] > greatest) {
        greatest = logits[at + i];
        where = i;
      }
    }
    double asked = logits[at + label] - greatest;
    for (int i = 0; i < vocabulary; i++) {
      logits[at + i] -= greatest;
    }
    Functions.exp(1, logits, at, vocabulary);
    double sum = 0;
    for (int i = 0; i < vocabulary; i++) {
      sum += logits[at + i];
    }
    float scale = (float) (factor / sum);
    for (int i = 0; i < vocabulary; i++) {
      logits[at + i] *= scale;
    }
    logits[at + label] -= factor;
    return new Row(Math.log(sum) - asked, where == label);
  }
}
