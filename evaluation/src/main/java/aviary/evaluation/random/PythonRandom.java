package aviary.evaluation.random;

import java.util.HashSet;
import java.util.Set;

/**
 * Python's {@code random.Random}: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998, their
 * published initialization by an array), and CPython's {@code random}, {@code sample} and {@code
 * choices} on it.
 */
public final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;
  private static final int UPPER = 0x80000000;
  private static final int LOWER = 0x7fffffff;
  private static final int MATRIX = 0x9908b0df;
  private static final double TWO_TO_MINUS_53 = 0x1p-53;

  private final int[] state = new int[N];
  private int next = N;

  /**
   * Starts as {@code random.Random(seed)}.
   *
   * @param seed from 0 to 2^32 - 1
   */
  public PythonRandom(long seed) {
    if (seed < 0 || seed > 0xffffffffL) {
      throw new IllegalArgumentException("a seed of more than 32 bits");
    }
    initialize(19650218);
    int previous = state[0];
    int i = 1;
    for (int k = 0; k < N; k++) {
      state[i] = (state[i] ^ (previous ^ previous >>> 30) * 1664525) + (int) seed;
      previous = state[i++];
      if (i == N) {
        state[0] = state[N - 1];
        i = 1;
      }
    }
    for (int k = 0; k < N - 1; k++) {
      state[i] = (state[i] ^ (previous ^ previous >>> 30) * 1566083941) - i;
      previous = state[i++];
      if (i == N) {
        state[0] = state[N - 1];
        i = 1;
      }
    }
    state[0] = UPPER;
  }

  private void initialize(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
  }

  /** 32 random bits. */
  int nextBits() {
    if (next == N) {
      generate();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    return y ^ y >>> 18;
  }

  private void generate() {
    for (int i = 0; i < N - M; i++) {
      state[i] = state[i + M] ^ twist(state[i], state[i + 1]);
    }
    for (int i = N - M; i < N - 1; i++) {
      state[i] = state[i + M - N] ^ twist(state[i], state[i + 1]);
    }
    state[N - 1] = state[M - 1] ^ twist(state[N - 1], state[0]);
    next = 0;
  }

  private static int twist(int upper, int lower) {
    return (upper & UPPER | lower & LOWER) >>> 1 ^ -(lower & 1) & MATRIX;
  }

  /** {@code random()}: from 0 to less than 1, with 53 random bits. */
  public double random() {
    long high = nextBits() >>> 5;
    long low = nextBits() >>> 6;
    return (high * 67108864.0 + low) * TWO_TO_MINUS_53;
  }

  /** A whole number from 0 to less than {@code bound}, as CPython draws it. */
  public int below(int bound) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
    int drawn;
    do {
      drawn = nextBits() >>> Integer.SIZE - bits;
    } while (drawn >= bound);
    return drawn;
  }

  /**
   * {@code sample(range(size), count)}: positions drawn without putting back.
   *
   * @throws IllegalArgumentException if there are fewer than {@code count}
   */
  public int[] sample(int size, int count) {
    if (count < 0 || count > size) {
      throw new IllegalArgumentException("a sample of %d of %d".formatted(count, size));
    }
    int setSize = 21;
    if (count > 5) {
      setSize += (int) Math.round(Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4))));
    }
    return size <= setSize ? fromPool(size, count) : byRejection(size, count);
  }

  private int[] fromPool(int size, int count) {
    int[] pool = new int[size];
    for (int i = 0; i < size; i++) {
      pool[i] = i;
    }
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      int at = below(size - i);
      drawn[i] = pool[at];
      pool[at] = pool[size - i - 1];
    }
    return drawn;
  }

  private int[] byRejection(int size, int count) {
    Set<Integer> seen = new HashSet<>();
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      do {
        drawn[i] = below(size);
      } while (!seen.add(drawn[i]));
    }
    return drawn;
  }

  /** One of {@code choices(range(size))}: a position drawn with putting back. */
  public int choice(int size) {
    return (int) (random() * size);
  }
}
