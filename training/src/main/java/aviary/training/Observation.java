package aviary.training;

import aviary.InputException;
import aviary.model.Model;
import java.util.function.Function;

/**
 * What is looked at during a training beside its steps. Nothing is learned from it, so that a
 * training ends with the same weights however often it is looked at.
 *
 * @param evalEvery after how many steps the held-out part is measured; 0 for never
 * @param heldOut what is measured; null for nothing
 * @param chunk in chunks of how many tokens it is walked; 0 for whole sequences
 * @param bytesPerToken how many bytes of text a token is; NaN where tokens are no text
 * @param sampleEvery after how many steps the model writes a text; 0 for never
 * @param sampler lets a model write a text
 */
public record Observation(
    long evalEvery,
    Sequences heldOut,
    int chunk,
    double bytesPerToken,
    long sampleEvery,
    Function<Model, String> sampler) {

  /** Nothing is looked at. */
  public static final Observation NONE = new Observation(0, null, 0, Double.NaN, 0, model -> "");

  /** Checks the numbers. */
  public Observation {
    require("--eval-every", evalEvery);
    require("--sample-every", sampleEvery);
  }

  private static void require(String option, long every) {
    if (every < 0) {
      throw new InputException(
          "%s %d: it has to be 0 or more, and 0 is never".formatted(option, every));
    }
  }

  /** Whether the held-out part is measured after a step; the last step ends the curve. */
  boolean measures(long steps, long all) {
    return evalEvery > 0 && heldOut != null && (steps % evalEvery == 0 || steps == all);
  }

  /** Whether a text is written after a step. */
  boolean samples(long steps) {
    return sampleEvery > 0 && steps % sampleEvery == 0;
  }

  /** A loss of the held-out part in bits a byte of text; NaN where tokens are no text. */
  public double bitsPerByte(Loss loss) {
    return loss.bits() / bytesPerToken;
  }
}
