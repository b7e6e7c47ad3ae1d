package aviary.training;

import aviary.cpu.Functions;
import aviary.cpu.Lanes;
import aviary.cpu.Norms;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loss of one row of logits, and its gradient. */
final class CrossEntropy {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  /** How many floats are added up as floats, before doubles take their sum. */
  private static final int SUMMED = 256;

  private CrossEntropy() {}

  /** What one row costs. */
  record Row(double loss, boolean right) {}

  /**
   * Turns a row of logits into their gradients: {@code (softmax(logits) - 1 at the label) *
   * factor}. Of the greatest logits the first counts as the model's answer.
   *
   * @param factor what the loss of a label is multiplied by
   */
  static Row row(float[] logits, int at, int vocabulary, int label, float factor) {
    float greatest = greatest(logits, at, vocabulary);
    boolean right = logits[at + label] == greatest;
    for (int i = at; i < at + label && right; i++) {
      right = logits[i] != greatest;
    }
    double asked = logits[at + label] - greatest;
    for (int i = at; i < at + vocabulary; i++) {
      logits[i] -= greatest;
    }
    Functions.exp(1, logits, at, vocabulary);
    double sum = 0;
    for (int i = 0; i < vocabulary; i += SUMMED) {
      sum += Norms.sum(logits, at + i, Math.min(SUMMED, vocabulary - i));
    }
    float scale = (float) (factor / sum);
    for (int i = at; i < at + vocabulary; i++) {
      logits[i] *= scale;
    }
    logits[at + label] -= factor;
    return new Row(Math.log(sum) - asked, right);
  }

  private static float greatest(float[] x, int at, int n) {
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i < Lanes.whole(n); i += Lanes.COUNT) {
      most = most.max(FloatVector.fromArray(F, x, at + i));
    }
    // Whatever their order, the greatest is the same.
    float greatest = most.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      greatest = Math.max(greatest, x[at + i]);
    }
    return greatest;
  }
}
