package aviary.generation;

import aviary.engine.State;
import aviary.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A place in a sequence to return to when the text after it turns out to be a stop string: the
 * state there, and the tokens since.
 */
final class ReturnPoint implements AutoCloseable {
  private final State state;
  private final float[] next;
  private final long offset;
  private int[] since = {};

  /**
   * @param state what the sequence has seen; this closes it, unless it is taken
   * @param next the logits there
   * @param offset how many bytes of text were before
   */
  ReturnPoint(State state, float[] next, long offset) {
    this.state = state;
    this.next = next;
    this.offset = offset;
  }

  State state() {
    return state;
  }

  float[] next() {
    return next;
  }

  void add(int token) {
    since = Arrays.copyOf(since, since.length + 1);
    since[since.length - 1] = token;
  }

  /**
   * The tokens that lead from here to a place in the text: those that end before it, and where it
   * lies within a token, the tokens of that one's first bytes.
   *
   * @param end the place, as a number of bytes from the beginning of the text
   */
  int[] tokensTo(long end, Tokenizer tokenizer) {
    long at = offset;
    for (int i = 0; i < since.length; i++) {
      byte[] bytes = tokenizer.contains(since[i]) ? tokenizer.bytes(since[i]) : new byte[0];
      if (at + bytes.length > end) {
        int[] part = tokenizer.encode(Arrays.copyOf(bytes, (int) (end - at)));
        return IntStream.concat(Arrays.stream(since, 0, i), Arrays.stream(part)).toArray();
      }
      at += bytes.length;
    }
    return since;
  }

  @Override
  public void close() {
    state.close();
  }
}
