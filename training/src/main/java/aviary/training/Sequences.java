package aviary.training;

import aviary.InputException;
import java.util.Arrays;

/**
 * Sequences of the same length that are learned side by side. Position t of sequence s is at {@code
 * s * length + t} in both arrays.
 *
 * @param count how many sequences there are
 * @param length the tokens of each
 * @param tokens what the model reads
 * @param labels what it has to expect behind each token, or {@link #NOTHING} where nothing is asked
 */
public record Sequences(int count, int length, int[] tokens, int[] labels) {

  /** The label of positions that neither loss nor accuracy count. */
  public static final int NOTHING = -1;

  /** More tokens in a batch are a typing error: an array has no room for their logits. */
  private static final int MOST_TOKENS = 1 << 24;

  /**
   * Checks that a batch is not too large, before anything is made.
   *
   * @throws InputException if it is
   */
  public static void requireRoom(int count, int length) {
    if ((long) count * length > MOST_TOKENS) {
      throw new InputException(
          "--batch-size %d: that many sequences of %d tokens are more than %d tokens, the most that"
                  .formatted(count, length, MOST_TOKENS)
              + " a batch can have");
    }
  }

  /** Checks the sizes. */
  public Sequences {
    if (tokens.length != count * length || labels.length != tokens.length) {
      throw new IllegalArgumentException(
          "%d sequences of %d, but %d tokens and %d labels"
              .formatted(count, length, tokens.length, labels.length));
    }
  }

  /** The sequences {@code from .. to}. */
  Sequences sequences(int from, int to) {
    return new Sequences(
        to - from,
        length,
        Arrays.copyOfRange(tokens, from * length, to * length),
        Arrays.copyOfRange(labels, from * length, to * length));
  }

  /** Some positions of all sequences. */
  Sequences part(int from, int to) {
    int size = to - from;
    int[] some = new int[count * size];
    int[] asked = new int[count * size];
    for (int s = 0; s < count; s++) {
      System.arraycopy(tokens, s * length + from, some, s * size, size);
      System.arraycopy(labels, s * length + from, asked, s * size, size);
    }
    return new Sequences(count, size, some, asked);
  }

  /** The tokens of all. */
  public int rows() {
    return tokens.length;
  }
}
