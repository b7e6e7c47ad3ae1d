package aviary.generation;

import aviary.InputException;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 takes the most likely token; 1 takes the model at its word; more is wilder
 * @param topP only the most likely tokens whose probabilities add up to this are in the draw; 1 for
 *     all
 * @param topK at most this many tokens are in the draw; 0 for any number
 * @param presencePenalty what a token's logit loses for having come at all
 * @param frequencyPenalty what it loses for each time it came
 * @param penaltyDecay what the counts of the frequency penalty are multiplied by at every token
 * @param seed where the random numbers start
 */
public record SamplerOptions(
    double temperature,
    double topP,
    int topK,
    double presencePenalty,
    double frequencyPenalty,
    double penaltyDecay,
    long seed) {

  /** The most likely token, always. */
  public static final SamplerOptions GREEDY = new SamplerOptions(0, 1, 0, 0, 0, 1, 0);

  /**
   * Checks the values.
   *
   * @throws InputException if one makes no sense; it is named as the command line has it
   */
  public SamplerOptions {
    require("--temperature", temperature, 0, Double.MAX_VALUE, "a number of at least 0");
    require("--top-p", topP, 0, 1, "a number from 0 to 1");
    require("--top-k", topK, 0, Integer.MAX_VALUE, "a whole number of at least 0 (0 for no limit)");
    require("--presence-penalty", presencePenalty, -Double.MAX_VALUE, Double.MAX_VALUE, "a number");
    require(
        "--frequency-penalty", frequencyPenalty, -Double.MAX_VALUE, Double.MAX_VALUE, "a number");
    require("--penalty-decay", penaltyDecay, 0, 1, "a number from 0 to 1");
  }

  /** Whether tokens lose from having come before. */
  public boolean penalizes() {
    return presencePenalty != 0 || frequencyPenalty != 0;
  }

  private static void require(String option, double value, double low, double high, String wanted) {
    // Written so that it holds for NaN too.
    if (!(value >= low && value <= high)) {
      String shown = value == Math.rint(value) ? "%.0f".formatted(value) : String.valueOf(value);
      throw new InputException("%s %s: it has to be %s".formatted(option, shown, wanted));
    }
  }
}
