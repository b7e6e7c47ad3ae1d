package aviary.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Which of a model's layers a {@link Stage} runs.
 *
 * @param first the first of them
 * @param count how many, at least one
 * @param ofAll how many layers the model has
 */
public record Layers(int first, int count, int ofAll) {

  /** Checks that there is one, and that the model has them. */
  public Layers {
    if (first < 0 || count < 1 || count > ofAll - first) {
      throw new IllegalArgumentException("%d layers from %d of %d".formatted(count, first, ofAll));
    }
  }

  /** All of a model's layers. */
  public static Layers all(int ofAll) {
    return new Layers(0, ofAll, ofAll);
  }

  /**
   * All of a model's layers, one part after the other.
   *
   * @param counts how many each part has
   */
  static List<Layers> inTurn(List<Integer> counts) {
    int all = counts.stream().mapToInt(Integer::intValue).sum();
    List<Layers> parts = new ArrayList<>();
    int first = 0;
    for (int count : counts) {
      parts.add(new Layers(first, count, all));
      first += count;
    }
    return parts;
  }

  /**
   * Whether it begins with tokens, and so has the embedding and what comes before the first layer.
   */
  public boolean takesTokens() {
    return first == 0;
  }

  /** Whether it ends with logits, and so has what comes behind the last layer. */
  public boolean givesLogits() {
    return first + count == ofAll;
  }
}
