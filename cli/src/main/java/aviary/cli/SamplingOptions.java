package aviary.cli;

import aviary.generation.SamplerOptions;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** How tokens are chosen. The defaults are in the middle of what RWKV's own programs use. */
final class SamplingOptions {
  @Option(
      names = "--temperature",
      defaultValue = "1.0",
      paramLabel = "T",
      description =
          "0 always takes the most likely token, 1 takes the model at its word, more is wilder"
              + " (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.7",
      paramLabel = "P",
      description =
          "Draw only from the most likely tokens whose probabilities add up to this (default:"
              + " ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Draw from at most this many tokens; 0 for any number (default: 0).")
  private int topK;

  @Option(
      names = "--presence-penalty",
      defaultValue = "0",
      paramLabel = "X",
      description = "What a token's logit loses for having come at all (default: 0).")
  private double presencePenalty;

  @Option(
      names = "--frequency-penalty",
      defaultValue = "0",
      paramLabel = "X",
      description = "What a token's logit loses for each time it came (default: 0).")
  private double frequencyPenalty;

  @Option(
      names = "--penalty-decay",
      defaultValue = "0.996",
      paramLabel = "X",
      description =
          "What those counts are multiplied by at every token, so that what is long ago counts less"
              + " (default: ${DEFAULT-VALUE}).")
  private double penaltyDecay;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Where the random numbers start; without it anywhere, and stderr says where.")
  private Long seed;

  /** The options, checked; a seed that was not given is another at every call. */
  SamplerOptions options() {
    return new SamplerOptions(
        temperature,
        topP,
        topK,
        presencePenalty,
        frequencyPenalty,
        penaltyDecay,
        // Short enough to be typed again.
        seed != null ? seed : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
  }
}
