package aviary.model;

import aviary.InputException;

/**
 * The shapes of a model, read off its tensors.
 *
 * @param architecture which function makes its program
 * @param layers L
 * @param width D
 * @param heads H
 * @param headSize N = D / H
 * @param feedForward F, the width of the channel mix
 * @param vocabulary V
 * @param mixRank R, the rank of Finch's ddlerp; 0 for Eagle
 * @param decayRank the rank of Finch's decay; 0 for Eagle
 * @param headSizeDivisor what the training code divided by before the group norm
 * @param gated whether the time mix has a gate; the first RWKV-5 models have none
 * @param decay how decay and bonus are stored
 */
public record ModelConfig(
    Architecture architecture,
    int layers,
    int width,
    int heads,
    int headSize,
    int feedForward,
    int vocabulary,
    int mixRank,
    int decayRank,
    float headSizeDivisor,
    boolean gated,
    DecayForm decay) {

  /** The architectures that can be run. */
  public enum Architecture {
    /** RWKV-5. */
    EAGLE,
    /** RWKV-6. */
    FINCH
  }

  /**
   * How a model stores its decay and its bonus: one number a channel, or, up to RWKV-5.1, one a
   * head.
   *
   * @param base the weight that is the decay's logarithm's logarithm
   * @param bonus the weight that is the bonus
   */
  public record DecayForm(Weight base, Weight bonus) {

    /** As RWKV-5.2 and later have it. */
    public static final DecayForm PER_CHANNEL =
        new DecayForm(Weight.of("att.time_decay"), Weight.of("att.time_faaaa"));
  }

  /**
   * The group norm's epsilon: to divide its input by d is to multiply the epsilon 1e-5 by d
   * squared.
   */
  public float groupNormEpsilon() {
    return 1e-5f * headSizeDivisor * headSizeDivisor;
  }

  /**
   * Checks that tokens are in the vocabulary.
   *
   * @throws InputException if one is not: one line that names it
   */
  public void requireTokens(int... tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabulary) {
        throw new InputException(
            "token %d is not in the model's vocabulary of %d tokens (0 to %d)"
                .formatted(token, vocabulary, vocabulary - 1));
      }
    }
  }

  /** The number of floats in a sequence's state. */
  public long stateElements() {
    return (long) layers * width * (2L + headSize);
  }

  /** The architecture as the field writes it: {@code RWKV-5.2 "Eagle"}. */
  public String title() {
    return switch (architecture) {
      case EAGLE -> "RWKV-5." + (decay.equals(DecayForm.PER_CHANNEL) ? "2" : "1") + " \"Eagle\"";
      case FINCH -> "RWKV-6.0 \"Finch\"";
    };
  }
}
