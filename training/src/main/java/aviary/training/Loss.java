package aviary.training;

/**
 * What a batch's labels cost: {@code -log softmax(logits)[label]} in nats, added up.
 *
 * @param sum of all labels
 * @param labels how many there were
 * @param right at how many of them the greatest logit was the label's
 */
public record Loss(double sum, long labels, long right) {

  /** Of nothing. */
  public static final Loss NONE = new Loss(0, 0, 0);

  /** A label's on average, in nats. */
  public double mean() {
    return sum / labels;
  }

  /** The share of labels that were the greatest logit's. */
  public double accuracy() {
    return (double) right / labels;
  }

  /** A label's on average, in bits: bits per byte where tokens are bytes. */
  public double bits() {
    return mean() / Math.log(2);
  }

  /** Of both. */
  public Loss plus(Loss other) {
    return new Loss(sum + other.sum, labels + other.labels, right + other.right);
  }
}
