package aviary.generation;

import aviary.InputException;
import aviary.engine.Logits;
import java.util.SplittableRandom;

/**
 * Chooses tokens from logits, in the order of ChatRWKV: first the penalties, then top-p and top-k
 * on the model's probabilities, and the temperature on those that are left. Temperature 0 takes the
 * token with the largest logit, the smallest such id on a tie. The counts of the penalties are
 * decayed by {@code penaltyDecay} at every token; unlike ChatRWKV's, they count white space and
 * digits as any other token.
 *
 * <p>The random numbers are those of a {@link SplittableRandom}, one for each token that is drawn,
 * so that a seed gives the same tokens on every machine that gives the same logits. For one
 * sequence and one thread.
 */
public final class Sampler {
  private final SamplerOptions options;
  private final SplittableRandom random;
  private final Occurrences occurrences = new Occurrences();
  private final Nucleus nucleus = new Nucleus();
  private float[] weights = {};
  private boolean checked;

  /**
   * @param options how to choose
   */
  public Sampler(SamplerOptions options) {
    this.options = options;
    this.random = new SplittableRandom(options.seed());
  }

  /**
   * Chooses a token and counts it for the penalties.
   *
   * @param logits what the model expects
   * @param row which row of them
   * @return the token's id
   * @throws InputException if logits are NaN or infinite, which a damaged model gives; where
   *     temperature is 0 and there are no penalties, only the first row is looked at
   */
  public int next(Logits logits, int row) {
    int token = choose(logits, row);
    if (options.penalizes()) {
      occurrences.add(token, options.penaltyDecay());
    }
    return token;
  }

  /** Forgets which tokens have come; the random numbers go on. */
  public void forgetOccurrences() {
    occurrences.clear();
  }

  private int choose(Logits logits, int row) {
    if (options.temperature() == 0 && !options.penalizes()) {
      if (!checked) {
        requireNumbers(logits.row(row)); // A damaged model shows it in its first row.
        checked = true;
      }
      return logits.argmax(row); // One number from the device in place of the whole row.
    }
    float[] values = logits.row(row);
    if (options.penalizes()) {
      values = values.clone(); // The caller may want the model's own logits of this row once more.
      occurrences.penalize(values, options.presencePenalty(), options.frequencyPenalty());
    }
    float max = requireNumbers(values);
    return options.temperature() == 0 ? first(values, max) : draw(values, max);
  }

  private int draw(float[] logits, float max) {
    if (weights.length != logits.length) {
      weights = new float[logits.length];
    }
    // Only top-p asks for the probabilities as they are at temperature 1; top-k goes by the order.
    boolean tempered = options.topP() == 1;
    double first = tempered ? options.temperature() : 1;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Exponential.of((float) ((logits[i] - max) / first));
    }
    nucleus.keep(weights, options.topP(), options.topK());
    if (!tempered && options.temperature() != 1) {
      temper(logits, max);
    }
    return pick();
  }

  private int pick() {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    double left = random.nextDouble() * sum;
    int last = -1;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          break;
        }
      }
    }
    return last;
  }

  /**
   * The weights of those in the draw become p^(1/T), straight from the logits, where no precision
   * is lost yet.
   */
  private void temper(float[] logits, float max) {
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        weights[i] = Exponential.of((float) ((logits[i] - max) / options.temperature()));
      }
    }
  }

  /**
   * Checks that the logits are numbers, and gives the largest.
   *
   * @throws InputException if one is NaN, or the largest is infinite
   */
  static float requireNumbers(float[] logits) {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit); // NaN if one of them is.
    }
    if (!Float.isFinite(max)) {
      throw new InputException(
          ("the model's logits are no finite numbers (%s for token %d): its weights are damaged or"
                  + " overflow; try another --dtype")
              .formatted(max, first(logits, max)));
    }
    return max;
  }

  /** The first place of the value, which may be NaN. */
  private static int first(float[] logits, float value) {
    int at = 0;
    while (at < logits.length
        && logits[at] != value
        && !(Float.isNaN(value) && Float.isNaN(logits[at]))) {
      at++;
    }
    return at;
  }
}
