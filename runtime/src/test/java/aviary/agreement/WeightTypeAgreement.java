package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Engine;
import aviary.model.WeightType;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models of rounded weights against the same model in F32.
 *
 * <p>Rounding moves each weight, and the moves have nothing to do with each other. So a product
 * with a rounded matrix moves by the same part of its length as the weights do: the root mean
 * square e of their relative errors. Products one after the other add up as a random walk. On the
 * way of a number lie the embedding, the head, and in a layer five products at most: of value or
 * key, of output, of receptance, and the channel mix's two. More layers do not add to it: each adds
 * its own result, with its own error, to the same stream, and errors average as results do. So
 * logits move by about e sqrt(7), which norms and activations stretch or shrink by something like
 * one. The tests compare root mean squares over all logits; they allow twice that and want half of
 * it: with less, weights would have escaped the rounding.
 */
public interface WeightTypeAgreement extends OnDevice {

  /**
   * By what part of their size logits are expected to move when weights are rounded to a type.
   *
   * <ul>
   *   <li>BF16 keeps 8 bits, so errors are uniform up to 2^-8 of the power of two below a weight: e
   *       is at most 2^-8 / sqrt(3).
   *   <li>F16 keeps 11 bits: 2^-11 / sqrt(3).
   *   <li>Q8_0 has steps of 1/127 of a block's greatest weight, which for 32 normal numbers is
   *       about 2.1 times their root mean square: e is 2.1 / 127 / sqrt(12).
   * </ul>
   */
  static double distance(WeightType type) {
    double error =
        switch (type) {
          case F32 -> 0;
          case BF16 -> 0x1p-8 / Math.sqrt(3);
          case F16 -> 0x1p-11 / Math.sqrt(3);
          case Q8_0 -> 2.1 / 127 / Math.sqrt(12);
        };
    return error * Math.sqrt(7);
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void bf16IsF32RoundedToEightBits(RandomModel random) {
    check(random, random.as(WeightType.BF16, DType.BF16));
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void f16IsF32RoundedToElevenBits(RandomModel random) {
    check(random, random.as(WeightType.F16, DType.F16));
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void q8IsF32RoundedToStepsOfItsBlocks(RandomModel random) {
    check(random, random.as(WeightType.Q8_0, DType.F32));
  }

  private void check(RandomModel exact, RandomModel rounded) {
    double expected = distance(rounded.matrices());
    int[] tokens = exact.tokens(40);
    try (Engine reference = ReferenceBackend.engine(exact.model());
        Engine engine = open(rounded.model())) {
      double distance =
          Way.ONE_PIECE.run(engine, tokens).distance(Way.ONE_PIECE.run(reference, tokens));
      assertTrue(
          distance < 2 * expected && distance > expected / 2,
          "%s: logits moved by %.3g of their size; expected was about %.3g"
              .formatted(rounded, distance, expected));
    }
  }
}
