package aviary.training;

import aviary.InputException;
import aviary.model.RandomNumbers;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A text as tokens: sequences that begin anywhere in it, of which each token's label is the next
 * one. Its last part is held out, and nothing is learned from that.
 */
public final class TextData implements TrainingData {
  private final int[] tokens;
  private final int learned;
  private final int count;
  private final int length;
  private final long seed;
  private final String identity;

  /**
   * @param tokens all of the text
   * @param heldOut the share at the end that is held out
   * @param count sequences in a batch
   * @param length tokens in a sequence
   * @param seed of where sequences begin
   * @param identity tells the text from others
   * @throws InputException if there are too few tokens
   */
  public TextData(int[] tokens, double heldOut, int count, int length, long seed, String identity) {
    if (!(heldOut >= 0 && heldOut < 1)) {
      throw new InputException("--held-out %s: it has to be from 0 to below 1".formatted(heldOut));
    }
    Sequences.requireRoom(count, length);
    this.tokens = tokens;
    this.count = count;
    this.length = length;
    this.seed = seed;
    learned = tokens.length - (int) Math.round(tokens.length * heldOut);
    if (learned < length + 1) {
      throw new InputException(
          ("the data has %d tokens to learn from, and a sequence of --length %d needs one more than"
                  + " that: take more data, or shorter sequences")
              .formatted(learned, length));
    }
    this.identity =
        "%s, %d tokens, %s held out, batches of %d x %d"
            .formatted(identity, tokens.length, heldOut, count, length);
  }

  @Override
  public Sequences batch(long step) {
    int[] in = new int[count * length];
    int[] labels = new int[in.length];
    SplittableRandom random = RandomNumbers.of(seed, "text").generator(step);
    for (int s = 0; s < count; s++) {
      int from = random.nextInt(learned - length);
      System.arraycopy(tokens, from, in, s * length, length);
      System.arraycopy(tokens, from + 1, labels, s * length, length);
    }
    return new Sequences(count, length, in, labels);
  }

  /**
   * The part that is held out, as streams side by side; tokens that are left over at its end are
   * left out.
   *
   * @param most how many streams there are, where there are as many tokens
   * @return null where there are fewer than two tokens
   */
  public Sequences heldOut(int most) {
    return heldOut(most, Integer.MAX_VALUE);
  }

  /**
   * The beginning of the part that is held out, as {@link #heldOut(int)}.
   *
   * @param mostTokens how many tokens it has at most
   */
  public Sequences heldOut(int most, int mostTokens) {
    int asked = Math.min(mostTokens, tokens.length - learned - 1);
    if (asked < 1) {
      return null;
    }
    int streams = Math.min(most, asked);
    int each = asked / streams;
    int[] in = Arrays.copyOfRange(tokens, learned, learned + streams * each);
    int[] labels = Arrays.copyOfRange(tokens, learned + 1, learned + 1 + streams * each);
    return new Sequences(streams, each, in, labels);
  }

  @Override
  public String identity() {
    return identity;
  }
}
