package aviary.evaluation.scoring;

/**
 * A text whose end is scored.
 *
 * @param tokens context and continuation
 * @param context how many of them are the context's, at least one
 */
record TokenizedText(int[] tokens, int context) {

  TokenizedText {
    if (context < 1 || context >= tokens.length) {
      throw new IllegalArgumentException("a text needs a context and a continuation");
    }
  }

  /** How many tokens the model runs: the last one is only expected. */
  int inputs() {
    return tokens.length - 1;
  }

  /** Whether the model's expectation after this position is a part of the score. */
  boolean wants(int position) {
    return position >= context - 1 && position < inputs();
  }
}
