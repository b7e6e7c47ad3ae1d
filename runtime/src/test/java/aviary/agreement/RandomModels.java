package aviary.agreement;

import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.Weight;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import java.util.List;

/**
 * Small random models for tests: both architectures, each form of decay, every type of weight, and
 * shapes that divide by nothing.
 */
public final class RandomModels {

  /** How RWKV-5.1 stores decay and bonus. */
  private static final DecayForm PER_HEAD =
      new DecayForm(
          new Weight("att.time_decay", Weight.Form.PER_HEAD),
          new Weight("att.time_first", Weight.Form.LOG_PER_HEAD));

  private RandomModels() {}

  /** All of them. */
  public static List<RandomModel> all() {
    return List.of(
        aligned(eagle(3, 3, 8, 50, 67, 1), WeightType.F32, DType.F32, 1),
        aligned(eagle(2, 1, 64, 224, 256, 8), WeightType.BF16, DType.BF16, 2),
        unaligned(eagle(2, 5, 4, 33, 7, 8), WeightType.F16, DType.F16, 3),
        aligned(eagle(2, 4, 32, 144, 101, 8), WeightType.Q8_0, DType.F32, 4),
        aligned(firstEagle(2, 3, 8, 40, 67, 8), WeightType.F32, DType.F32, 5),
        unaligned(firstEagle(2, 5, 8, 72, 35, 1), WeightType.Q8_0, DType.BF16, 6),
        aligned(finch(3, 3, 8, 84, 67, 5, 7), WeightType.F32, DType.F32, 7),
        aligned(finch(2, 1, 64, 224, 131, 32, 64), WeightType.BF16, DType.BF16, 8),
        aligned(finch(2, 8, 16, 448, 300, 32, 64), WeightType.F16, DType.F16, 9),
        aligned(finch(2, 6, 16, 100, 67, 16, 20), WeightType.Q8_0, DType.BF16, 10),
        unaligned(finch(2, 3, 8, 44, 67, 4, 8), WeightType.Q8_0, DType.F16, 11),
        unaligned(finch(1, 1, 8, 8, 5, 1, 1), WeightType.F32, DType.F32, 12),
        unaligned(finch(4, 2, 12, 90, 33, 3, 5), WeightType.BF16, DType.F32, 13));
  }

  /** One that has a token for each byte, as {@link aviary.tokenizer.ByteTokenizer} gives them. */
  public static RandomModel ofBytes() {
    return all().stream()
        .filter(random -> random.config().vocabulary() == 256)
        .findFirst()
        .orElseThrow();
  }

  /** One of each form of program, in F32. */
  public static List<RandomModel> programs() {
    return List.of(
        aligned(eagle(2, 4, 16, 224, 67, 8), WeightType.F32, DType.F32, 21),
        aligned(firstEagle(2, 4, 16, 224, 67, 8), WeightType.F32, DType.F32, 22),
        aligned(finch(2, 4, 16, 224, 67, 16, 32), WeightType.F32, DType.F32, 23));
  }

  private static RandomModel aligned(ModelConfig config, WeightType type, DType others, long seed) {
    return new RandomModel(config, type, others, true, seed);
  }

  private static RandomModel unaligned(
      ModelConfig config, WeightType type, DType others, long seed) {
    return new RandomModel(config, type, others, false, seed);
  }

  private static ModelConfig eagle(
      int layers, int heads, int headSize, int feedForward, int vocabulary, float divisor) {
    return new ModelConfig(
        Architecture.EAGLE,
        layers,
        heads * headSize,
        heads,
        headSize,
        feedForward,
        vocabulary,
        0,
        0,
        divisor,
        true,
        DecayForm.PER_CHANNEL);
  }

  private static ModelConfig firstEagle(
      int layers, int heads, int headSize, int feedForward, int vocabulary, float divisor) {
    return new ModelConfig(
        Architecture.EAGLE,
        layers,
        heads * headSize,
        heads,
        headSize,
        feedForward,
        vocabulary,
        0,
        0,
        divisor,
        false,
        PER_HEAD);
  }

  private static ModelConfig finch(
      int layers,
      int heads,
      int headSize,
      int feedForward,
      int vocabulary,
      int mixRank,
      int decayRank) {
    return new ModelConfig(
        Architecture.FINCH,
        layers,
        heads * headSize,
        heads,
        headSize,
        feedForward,
        vocabulary,
        mixRank,
        decayRank,
        8,
        true,
        DecayForm.PER_CHANNEL);
  }
}
