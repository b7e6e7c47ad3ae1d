package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Engine;
import aviary.model.WeightType;
import aviary.reference.ReferenceEngine;
import aviary.safetensors.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models of rounded weights against the same model in F32.
 *
 * <p>Rounding moves each weight, and the moves have nothing to do with each other. So a product
 * with a rounded matrix moves by the same part of its length as the weights do: the root mean
 * square e of their relative errors. One such product after the other adds up as a random walk:
 * behind n of them the logits have moved by about e sqrt(n). Norms and activations stretch that or
 * shrink it by something like one. The tests compare root mean squares over all logits; they allow
 * twice that and want half of it: with less, weights would have escaped the rounding.
 *
 * <ul>
 *   <li>BF16 keeps 8 bits, so errors are uniform up to 2^-8 of the power of two below a weight: e
 *       is at most 2^-8 / sqrt(3).
 *   <li>F16 keeps 11 bits: 2^-11 / sqrt(3).
 *   <li>Q8_0 has steps of 1/127 of a block's greatest weight, which for 32 normal numbers is about
 *       2.1 times their root mean square: e is 2.1 / 127 / sqrt(12).
 * </ul>
 */
public interface WeightTypeAgreement extends OnDevice {

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void bf16IsF32RoundedToEightBits(RandomModel random) {
    check(random, random.as(WeightType.BF16, DType.BF16), Math.scalb(1.0, -8) / Math.sqrt(3));
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void f16IsF32RoundedToElevenBits(RandomModel random) {
    check(random, random.as(WeightType.F16, DType.F16), Math.scalb(1.0, -11) / Math.sqrt(3));
  }

  @ParameterizedTest
  @MethodSource("aviary.agreement.RandomModels#programs")
  default void q8IsF32RoundedToStepsOfItsBlocks(RandomModel random) {
    check(random, random.as(WeightType.Q8_0, DType.F32), 2.1 / 127 / Math.sqrt(12));
  }

  private void check(RandomModel exact, RandomModel rounded, double error) {
    // The embedding, the head, and in a layer: v or k with r; output; key, value of the channel
    // mix.
    int products = 2 + 5 * exact.config().layers();
    double expected = error * Math.sqrt(products);
    int[] tokens = exact.tokens(40);
    try (Engine reference = new ReferenceEngine(exact.model());
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
