package aviary.evaluation.task;

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
   * To a {@link Request.Generate}.
   *
   * @param text without the stop string
   */
  record Generated(String text) implements Response {}
}
