package aviary.generation;

import aviary.ExclusiveUse;
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
 * so that a seed gives the same tokens on every machine that gives the same logits.
 *
 * <p>A sampler is for one sequence, and one thread at a time may use it: a call while another
 * thread is in one throws an {@link IllegalStateException}.
 */
public final class Sampler {
  /** The sum of so many weights is skipped at once. */
  private static final int BLOCK = 1024;

  /** As good as greedy, and its inverse is far from infinite. */
  private static final double LOWEST_TEMPERATURE = 1e-9;

  private final ExclusiveUse use =
      new ExclusiveUse("sampler", "give each sequence a sampler of its own");
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
    use.begin();
    try {
      int token = choose(logits, row);
      if (options.penalizes()) {
        occurrences.add(token, options.penaltyDecay());
      }
      return token;
    } finally {
      use.end();
    }
  }

  /** Forgets which tokens have come; the random numbers go on. */
  public void forgetOccurrences() {
    use.begin();
    try {
      occurrences.clear();
    } finally {
      use.end();
    }
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
    float inverse = (float) (1 / Math.max(options.temperature(), LOWEST_TEMPERATURE));
    float first = tempered ? inverse : 1;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Exponential.of((logits[i] - max) * first);
    }
    nucleus.keep(weights, options.topP(), options.topK());
    if (!tempered && inverse != 1) {
      // p^(1/T), straight from the logits, where no precision is lost yet.
      for (int i = 0; i < logits.length; i++) {
        weights[i] = weights[i] == 0 ? 0 : Exponential.of((logits[i] - max) * inverse);
      }
    }
    return pick();
  }

  /** A place, each as likely as its weight says. */
  private int pick() {
    double[] sums = new double[(weights.length + BLOCK - 1) / BLOCK];
    double all = 0;
    for (int block = 0; block < sums.length; block++) {
      sums[block] = sum(block * BLOCK, Math.min(weights.length, (block + 1) * BLOCK));
      all += sums[block];
    }
    double left = random.nextDouble() * all;
    int block = 0;
    while (block < sums.length && left >= sums[block]) {
      left -= sums[block++];
    }
    int chosen = -1;
    for (int i = block * BLOCK; i < weights.length && (chosen < 0 || left >= 0); i++) {
      if (weights[i] > 0) {
        chosen = i;
        left -= weights[i];
      }
    }
    for (int i = weights.length - 1; chosen < 0; i--) {
      // Rounding has carried the place beyond the last weight.
      chosen = weights[i] > 0 ? i : -1;
    }
    return chosen;
  }

  /** Four sums side by side, so that an addition need not wait for the one before. */
  private double sum(int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      a += weights[i];
      b += weights[i + 1];
      c += weights[i + 2];
      d += weights[i + 3];
    }
    for (; i < to; i++) {
      a += weights[i];
    }
    return a + b + c + d;
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
