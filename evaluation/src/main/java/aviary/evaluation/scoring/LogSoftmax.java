package aviary.evaluation.scoring;

import aviary.InputException;

/**
 * What a row of logits says of its tokens.
 *
 * @param logits the row
 * @param logNormalizer the logarithm of the sum of the logits' exponentials
 * @param best the token with the largest logit, the first on a tie
 */
public record LogSoftmax(float[] logits, double logNormalizer, int best) {

  /**
   * Normalizes a row.
   *
   * @throws InputException if the logits are no numbers
   */
  public static LogSoftmax of(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    double largest = logits[best];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double logNormalizer = largest + Math.log(sum);
    if (!Double.isFinite(logNormalizer)) {
      throw new InputException(
          "the model's logits are no numbers: its weights are broken, or their type is too small"
              + " for it");
    }
    return new LogSoftmax(logits, logNormalizer, best);
  }

  /** The natural logarithm of a token's probability. */
  public double of(int token) {
    return logits[token] - logNormalizer;
  }
}
