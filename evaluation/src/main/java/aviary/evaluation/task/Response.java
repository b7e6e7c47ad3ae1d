package aviary.evaluation.task;

import java.util.List;

/** What the model answers. */
public sealed interface Response {

  /**
   * To a {@link Request.Loglikelihood}.
   *
   * @param logProbability the sum of the natural logarithms of the tokens' probabilities
   * @param greedy whether each token was the most likely one
   */
  record Likelihood(double logProbability, boolean greedy) implements Response {}

  /**
   * To a {@link Request.Rolling}.
   *
   * @param logProbability the sum of the natural logarithms of the tokens' probabilities
   */
  record Rolling(double logProbability) implements Response {}

  /**
   * To a {@link Request.LabelledTokens}.
   *
   * @param tokens the most likely one at each place where something was asked
   */
  record Tokens(List<Long> tokens) implements Response {
    /** Copies the list. */
    public Tokens {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * To a {@link Request.Generate}.
   *
   * @param text without the stop string
   */
  record Generated(String text) implements Response {}
}
