package aviary.generation;

/**
 * What a generation did.
 *
 * @param promptTokens how many tokens of the prompt were run
 * @param tokens the tokens that were chosen, with the end-of-text token and those of a stop string
 * @param prefillSeconds how long the prompt took
 * @param decodeSeconds how long the chosen tokens took, to run each of them included
 * @param reason why it ended
 */
public record Generation(
    int promptTokens,
    int[] tokens,
    double prefillSeconds,
    double decodeSeconds,
    StopReason reason) {

  /** Tokens of the prompt a second; 0 where there were none. */
  public double prefillRate() {
    return promptTokens == 0 ? 0 : promptTokens / prefillSeconds;
  }

  /** Chosen tokens a second; 0 where there were none. */
  public double decodeRate() {
    return tokens.length == 0 ? 0 : tokens.length / decodeSeconds;
  }
}
