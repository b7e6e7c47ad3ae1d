package aviary.model;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognizes what {@code convert_model.py} of ChatRWKV, and the package {@code rwkv}, make of a
 * checkpoint for a strategy: matrices are transposed and perhaps quantized, the embedding has its
 * norm applied, the decay its exponential, and names are missing.
 */
final class ConvertedForStrategy {

  /** Smallest values and ranges of rows and columns, beside a matrix in 8 bits. */
  private static final Pattern QUANTIZED = Pattern.compile(".*\\.weight_(mx|rx|my|ry)");

  private ConvertedForStrategy() {}

  /** What to say of such a checkpoint; empty for others. */
  static Optional<String> recognize(Checkpoint checkpoint) {
    String strategy = checkpoint.metadata().get("_strategy");
    if (strategy != null) {
      return Optional.of(refusal("for the strategy \"" + TensorNames.shown(strategy) + "\""));
    }
    return checkpoint.tensors().keySet().stream()
        .filter(name -> name.length() < 250 && QUANTIZED.matcher(name).matches())
        .findFirst()
        .map(name -> refusal("for a strategy (it has a tensor " + TensorNames.shown(name) + ")"));
  }

  private static String refusal(String which) {
    return "is a checkpoint that ChatRWKV's convert_model.py made "
        + which
        + ", which changes the weights for good: use the .pth that it was made from, with --dtype for"
        + " another type";
  }
}
