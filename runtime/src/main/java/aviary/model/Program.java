package aviary.model;

import java.util.List;

/**
 * A model as a list of operations over named values, each of which is written once. The layers are
 * the same operations on other weights, so they stand here once: {@code layerOut} of a layer is
 * {@code hidden} of the next.
 *
 * @param start from tokens to {@code hidden}
 * @param hidden what goes into a layer
 * @param layer one layer; its weights' names lack {@code blocks.L.}
 * @param layerOut what comes out of a layer
 * @param end from {@code hidden} to {@code logits}, needed only for the rows whose logits are
 *     wanted
 * @param logits one number for each id of the vocabulary
 */
public record Program(
    List<Op> start, Value hidden, List<Op> layer, Value layerOut, List<Op> end, Value logits) {

  /** The program of a model of the given shapes. */
  public static Program of(ModelConfig config) {
    return switch (config.architecture()) {
      case EAGLE -> Eagle.program(config);
      case FINCH -> Finch.program(config);
    };
  }
}
