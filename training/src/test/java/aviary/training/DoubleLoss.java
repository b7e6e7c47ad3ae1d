package aviary.training;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import java.util.Arrays;

/** The loss of a batch by the reference backend, which computes in double precision. */
final class DoubleLoss {

  /** How far a weight is moved to see the slope. */
  private static final float STEP = 4e-3f;

  private DoubleLoss() {}

  /**
   * The mean loss of the labels, in nats, of sequences that begin with the model's initial state.
   */
  static double mean(Model model, Sequences batch) {
    double sum = 0;
    long labels = 0;
    try (Engine engine = ReferenceBackend.engine(model)) {
      for (int s = 0; s < batch.count(); s++) {
        int from = s * batch.length();
        int[] tokens = Arrays.copyOfRange(batch.tokens(), from, from + batch.length());
        Logits logits =
            engine.forward(Batch.of(Sequence.tail(engine.newState(), tokens, tokens.length)));
        for (int t = 0; t < tokens.length; t++) {
          int label = batch.labels()[from + t];
          if (label >= 0) {
            sum += loss(logits.row(t), label);
            labels++;
          }
        }
      }
    }
    return sum / labels;
  }

  private static double loss(float[] logits, int label) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - logits[label]);
    }
    return Math.log(sum);
  }

  /**
   * The slope of the mean loss along one weight: central differences of two steps, from which the
   * error that grows with the step's square is taken away.
   */
  static double slope(float[] weights, int at, Model model, Sequences batch) {
    double narrow = slope(weights, at, STEP, model, batch);
    double wide = slope(weights, at, 2 * STEP, model, batch);
    return (4 * narrow - wide) / 3;
  }

  private static double slope(float[] weights, int at, float step, Model model, Sequences batch) {
    float was = weights[at];
    weights[at] = was + step;
    double above = weights[at];
    double lossAbove = mean(model, batch);
    weights[at] = was - step;
    double below = weights[at];
    double lossBelow = mean(model, batch);
    weights[at] = was;
    return (lossAbove - lossBelow) / (above - below);
  }
}
