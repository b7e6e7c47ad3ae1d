package aviary.mqar;

import aviary.InputException;
import aviary.model.RandomNumbers;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * The task's examples, any of which can be made alone: it depends on the seed and its number.
 *
 * <p>Keys are different numbers of {@code 1 .. V / 2 - 1}, values of {@code V / 2 .. V - 1}. The
 * context is {@code k1 v1 k2 v2 ..}, 2 P tokens. The rest has {@code (T - 2 P) / 2} slots of two
 * places; slot s is chosen for a key with a probability proportional to {@code a (s + 1)^(a - 1)},
 * a = 0.01, and the key is put in its first place. There the label is the key's value.
 *
 * @param vocabulary V
 * @param length T
 * @param pairs P
 * @param randomNonQueries whether places that are still empty get random tokens of the whole
 *     vocabulary, or 0
 */
public record MqarTask(int vocabulary, int length, int pairs, boolean randomNonQueries) {

  /** The label of positions where nothing is asked. */
  public static final int NOTHING = -1;

  /** The seed of the examples that a model is asked if nothing is said; none is trained on. */
  public static final int EVAL_SEED = 1000;

  /** a: near 0, most queries come soon. */
  private static final double POWER = 0.01;

  /**
   * An example.
   *
   * @param tokens [T]
   * @param labels [T]: what has to follow a query, and {@link #NOTHING} elsewhere
   */
  public record Example(int[] tokens, int[] labels) {

    /** The positions that have labels, ascending: [P]. */
    public int[] asked() {
      return IntStream.range(0, labels.length).filter(t -> labels[t] != NOTHING).toArray();
    }
  }

  /**
   * Checks the sizes.
   *
   * @throws InputException if there can be no such example
   */
  public MqarTask {
    require(pairs >= 1, "--pairs %d: it has to be 1 or more", pairs);
    require(length % 2 == 0, "--length %d: it has to be even", length);
    if (4L * pairs > length) {
      throw new InputException(
          "--pairs %d, --length %d: each pair needs four tokens, so that 4 times the pairs must not be more than the length"
              .formatted(pairs, length));
    }
    if (vocabulary <= length || vocabulary / 2 - 1 < pairs) {
      throw new InputException(
          "--vocab-size %d: it has to be more than the length, %d, and half of it more than the pairs, %d"
              .formatted(vocabulary, length, pairs));
    }
  }

  @Override
  public String toString() {
    return "MQAR of %d tokens, length %d, %d pairs, %s where nothing is asked"
        .formatted(vocabulary, length, pairs, randomNonQueries ? "random tokens" : "0");
  }

  private static void require(boolean holds, String message, int number) {
    if (!holds) {
      throw new InputException(message.formatted(number));
    }
  }

  /**
   * An example.
   *
   * @param seed of all examples
   * @param index which of them
   */
  public Example example(long seed, long index) {
    SplittableRandom random = RandomNumbers.of(seed, "mqar").generator(index);
    int half = vocabulary / 2;
    int[] keys = different(random, 1, half, pairs);
    int[] values = different(random, half, vocabulary, pairs);
    int[] slots = slots(random);
    IntSupplier filler = randomNonQueries ? () -> random.nextInt(vocabulary) : () -> 0;
    return assemble(length, keys, values, slots, filler);
  }

  /**
   * Puts an example together.
   *
   * @param slots the slot of each key
   * @param filler what stands in places that are still empty, asked from the first to the last
   */
  static Example assemble(int length, int[] keys, int[] values, int[] slots, IntSupplier filler) {
    int[] tokens = new int[length];
    int[] labels = new int[length];
    Arrays.fill(labels, NOTHING);
    boolean[] taken = new boolean[length];
    int pairs = keys.length;
    for (int i = 0; i < pairs; i++) {
      int query = 2 * pairs + 2 * slots[i];
      tokens[2 * i] = keys[i];
      tokens[2 * i + 1] = values[i];
      tokens[query] = keys[i];
      labels[query] = values[i];
      taken[2 * i] = true;
      taken[2 * i + 1] = true;
      taken[query] = true;
    }
    for (int t = 0; t < length; t++) {
      if (!taken[t]) {
        tokens[t] = filler.getAsInt();
      }
    }
    return new Example(tokens, labels);
  }

  /** Different numbers of {@code from .. to}, all as likely, in an order that is random too. */
  private static int[] different(SplittableRandom random, int from, int to, int count) {
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      int candidate = random.nextInt(from, to);
      while (contains(drawn, i, candidate)) {
        candidate = random.nextInt(from, to);
      }
      drawn[i] = candidate;
    }
    return drawn;
  }

  private static boolean contains(int[] numbers, int count, int number) {
    return IntStream.range(0, count).anyMatch(i -> numbers[i] == number);
  }

  /**
   * A slot for each key, one after the other without replacement. To draw so is to give each slot
   * an exponential waiting time with its weight as rate, and to take those that come first
   * (Efraimidis and Spirakis 2006).
   */
  private int[] slots(SplittableRandom random) {
    int count = (length - 2 * pairs) / 2;
    double[] times = new double[count];
    for (int s = 0; s < count; s++) {
      times[s] = -Math.log(1 - random.nextDouble()) / weight(s);
    }
    return IntStream.range(0, count)
        .boxed()
        .sorted((a, b) -> Double.compare(times[a], times[b]))
        .limit(pairs)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** To what a slot's probability is proportional. */
  static double weight(int slot) {
    return POWER * Math.pow(slot + 1, POWER - 1);
  }
}
