package aviary.model;

import aviary.InputException;
import aviary.model.Inventory.Item;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * The sizes of a model to be made, as far as somebody has decided them; what is null is still open.
 *
 * @param architecture what it is
 * @param layers L
 * @param width D
 * @param vocabulary V
 * @param headSize N; 64 where it is open, as in all published models
 * @param feedForward F; 3.5 D where it is open, down to a multiple of 32, as in all published
 *     models
 * @param mixRank R of Finch; where it is open 32, and 64 for widths of 4096 or more, as in all
 *     published models
 * @param decayRank the decay's rank of Finch; where it is open twice the usual R
 */
public record ModelShape(
    Architecture architecture,
    Integer layers,
    Integer width,
    Integer vocabulary,
    Integer headSize,
    Integer feedForward,
    Integer mixRank,
    Integer decayRank) {

  /** Where published models' ranks double. */
  private static final int WIDE = 4096;

  /** What the training code divides by before the group norm. */
  private static final float HEAD_SIZE_DIVISOR = 8;

  /** A safetensors header of 100 MB names no more than some hundred thousand. */
  private static final int MOST_TENSORS = 400_000;

  /** These sizes, and where they are open those of another shape. */
  public ModelShape or(ModelShape other) {
    return new ModelShape(
        architecture != null ? architecture : other.architecture,
        layers != null ? layers : other.layers,
        width != null ? width : other.width,
        vocabulary != null ? vocabulary : other.vocabulary,
        headSize != null ? headSize : other.headSize,
        feedForward != null ? feedForward : other.feedForward,
        mixRank != null ? mixRank : other.mixRank,
        decayRank != null ? decayRank : other.decayRank);
  }

  /**
   * The shapes of the model, once its architecture, layers, width and vocabulary are decided.
   *
   * @throws InputException if one of these is open, or no model can have such sizes
   */
  public ModelConfig config() {
    if (architecture == null) {
      throw missing("--arch");
    }
    int d = positive("--width", width);
    int n = positive("--head-size", headSize != null ? headSize : 64);
    if (d % n != 0) {
      throw new InputException(
          "the width, %d, is no multiple of the head size, %d: change --width or --head-size"
              .formatted(d, n));
    }
    boolean finch = architecture == Architecture.FINCH;
    if (!finch && (mixRank != null || decayRank != null)) {
      throw new InputException("only Finch has ranks: leave out --mix-rank and --decay-rank");
    }
    int rank = d < WIDE ? 32 : 64;
    ModelConfig config =
        new ModelConfig(
            architecture,
            positive("--layers", layers),
            d,
            d / n,
            n,
            positive("--feed-forward", feedForward != null ? feedForward : usualFeedForward(d)),
            positive("--vocab-size", vocabulary),
            finch ? positive("--mix-rank", mixRank != null ? mixRank : rank) : 0,
            finch ? positive("--decay-rank", decayRank != null ? decayRank : 2 * rank) : 0,
            HEAD_SIZE_DIVISOR,
            true,
            DecayForm.PER_CHANNEL);
    requireFits(config);
    return config;
  }

  private static int usualFeedForward(int width) {
    long exact = width * 7L / 2;
    return (int) Math.min(exact < 32 ? exact : exact / 32 * 32, Integer.MAX_VALUE);
  }

  /** Sizes that fit an int may still multiply to what fits nothing. */
  private static void requireFits(ModelConfig config) {
    if (5L * config.mixRank() > Integer.MAX_VALUE
        || config.stateElements() > Integer.MAX_VALUE
        || config.stateElements() < 0) {
      throw new InputException(
          "a model of these sizes cannot be run: its state would be too large; choose smaller ones");
    }
    Inventory inventory = Inventory.of(config);
    if (inventory.count() > MOST_TENSORS) {
      throw new InputException(
          "a model of %d layers has %d tensors, more than a file can name: choose fewer --layers"
              .formatted(config.layers(), inventory.count()));
    }
    BigInteger inLayers = sum(inventory.layer().stream());
    BigInteger all =
        sum(Stream.concat(inventory.start().stream(), inventory.end().stream()))
            .add(inLayers.multiply(BigInteger.valueOf(config.layers())));
    if (all.bitLength() > 60) {
      throw new InputException(
          "a model of these sizes has %s parameters, more than a file can hold: choose smaller ones"
              .formatted(all));
    }
  }

  private static BigInteger sum(Stream<Item> items) {
    return items
        .map(item ->
            Arrays.stream(item.shape())
                .mapToObj(BigInteger::valueOf)
                .reduce(BigInteger.ONE, BigInteger::multiply))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static int positive(String option, Integer size) {
    if (size == null) {
      throw missing(option);
    }
    if (size < 1) {
      throw new InputException(option + " is " + size + ": give 1 or more");
    }
    return size;
  }

  private static InputException missing(String option) {
    return new InputException(
        "nothing says how large the model is: give %s, or --shape with the name of a published model"
            .formatted(option));
  }
}
