package aviary.model;

import java.util.SplittableRandom;

/**
 * Random numbers by their place, not by what was drawn before: any part of a tensor can be made
 * alone, by any thread. The bits are those of SplitMix64 (Steele, Lea and Flood 2014, "Fast
 * splittable pseudorandom number generators"), whose steps are a counter; they are the same on
 * every machine.
 *
 * @param key which numbers
 */
public record RandomNumbers(long key) {

  /** The counter's step: 2^64 divided by the golden ratio. */
  private static final long STEP = 0x9E3779B97F4A7C15L;

  /** The numbers of a name, which have nothing to do with those of other names and seeds. */
  public static RandomNumbers of(long seed, String name) {
    RandomNumbers numbers = new RandomNumbers(mix(seed + STEP));
    for (int i = 0; i < name.length(); i++) {
      numbers = numbers.branch(name.charAt(i));
    }
    return numbers;
  }

  /** Other numbers, which have nothing to do with these. */
  public RandomNumbers branch(long which) {
    return new RandomNumbers(mix(key ^ mix(which + STEP)));
  }

  /** The 64 bits of a place. */
  public long bits(long place) {
    return mix(key + (place + 1) * STEP);
  }

  /**
   * A generator for a place, where it is not known beforehand how many numbers are drawn. Its state
   * is a counter too, so that it does not begin with the place itself: those of neighbours would
   * give the same numbers, shifted.
   */
  public SplittableRandom generator(long place) {
    return new SplittableRandom(bits(place));
  }

  /** A number of the uniform distribution over (-bound, bound). */
  float uniform(long place, float bound) {
    // An odd number of 25 bits: symmetric about zero, and never the bound itself.
    long odd = (bits(place) >>> 40) * 2 + 1 - (1 << 24);
    return odd * 0x1p-24f * bound;
  }

  /** 1 or -1. */
  int sign(long place) {
    return bits(place) < 0 ? -1 : 1;
  }

  /** The numbers from 0 to {@code count - 1} in random order. */
  public int[] permutation(int count) {
    int[] order = new int[count];
    // Fisher and Yates, in the form that fills the array on the way.
    for (int i = 0; i < count; i++) {
      int other = (int) Math.unsignedMultiplyHigh(bits(i), i + 1L);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  private static long mix(long bits) {
    long z = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
