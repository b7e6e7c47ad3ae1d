package aviary.generation;

import java.util.Arrays;
import java.util.BitSet;

/** Which tokens have come and how often; what is long ago counts less. */
final class Occurrences {
  private final BitSet seen = new BitSet();
  private int[] tokens = new int[64];
  private double[] counts = new double[64];
  private int size;

  /** Multiplies every count by {@code decay} and then counts the token. */
  void add(int token, double decay) {
    for (int i = 0; i < size; i++) {
      counts[i] *= decay;
    }
    int at = place(token); // May replace the array.
    counts[at] += 1;
  }

  /** Takes {@code presence + count * frequency} from the logits of the tokens that have come. */
  void penalize(float[] logits, double presence, double frequency) {
    for (int i = 0; i < size; i++) {
      logits[tokens[i]] -= (float) (presence + counts[i] * frequency);
    }
  }

  void clear() {
    seen.clear();
    size = 0;
  }

  private int place(int token) {
    if (seen.get(token)) {
      for (int i = 0; i < size; i++) {
        if (tokens[i] == token) {
          return i;
        }
      }
    }
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    seen.set(token);
    tokens[size] = token;
    counts[size] = 0;
    return size++;
  }
}
