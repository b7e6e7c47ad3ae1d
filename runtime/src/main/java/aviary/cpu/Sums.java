package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums of vectors' lanes, added in an order that is always the same. {@code reduceLanes} has one
 * order where it is interpreted and another where it is compiled, so that results would change
 * while a program runs.
 */
final class Sums {
  private static final int L = Lanes.COUNT;

  private static final VectorShuffle<Float> HALF = exchange(L / 2);
  private static final VectorShuffle<Float> QUARTER = exchange(L / 4);
  private static final VectorShuffle<Float> EIGHTH = exchange(L / 8);
  private static final VectorShuffle<Float> SIXTEENTH = exchange(L / 16);

  private static final VectorMask<Float> UPPER_HALF = odd(L / 2);
  private static final VectorMask<Float> ODD_QUARTERS = odd(L / 4);

  /** The lanes where {@link #four} leaves its sums, put in order. */
  private static final VectorShuffle<Float> QUARTERS_IN_ORDER =
      VectorShuffle.fromOp(
          Lanes.FLOATS,
          lane ->
              switch (lane) {
                case 1 -> L / 2;
                case 2 -> L / 4;
                case 3 -> L / 4 * 3;
                default -> 0;
              });

  private static final VectorMask<Float> FIRST_FOUR = VectorMask.fromLong(Lanes.FLOATS, 0b1111);

  private Sums() {}

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(Lanes.FLOATS, lane -> lane ^ distance);
  }

  /** The lanes of every other group of {@code size}. */
  private static VectorMask<Float> odd(int size) {
    long lanes = 0;
    for (int lane = 0; lane < L; lane++) {
      lanes |= (lane / size & 1L) << lane;
    }
    return VectorMask.fromLong(Lanes.FLOATS, lanes);
  }

  /** The sum of a vector's lanes. */
  static float one(FloatVector vector) {
    FloatVector sums = vector.add(vector.rearrange(HALF));
    return withinQuarters(sums.add(sums.rearrange(QUARTER))).lane(0);
  }

  /** Writes the sums of the lanes of four vectors, that stand in an array, to another. */
  static void four(float[] vectors, int from, float[] out, int at) {
    FloatVector a = Lanes.load(vectors, from);
    FloatVector b = Lanes.load(vectors, from + L);
    FloatVector c = Lanes.load(vectors, from + 2 * L);
    FloatVector d = Lanes.load(vectors, from + 3 * L);
    FloatVector halves = fold(a, b, UPPER_HALF, HALF);
    FloatVector others = fold(c, d, UPPER_HALF, HALF);
    withinQuarters(fold(halves, others, ODD_QUARTERS, QUARTER))
        .rearrange(QUARTERS_IN_ORDER)
        .intoArray(out, at, FIRST_FOUR);
  }

  /** Two vectors' groups of lanes, each added to its neighbour: a's in even groups, b's in odd. */
  private static FloatVector fold(
      FloatVector a, FloatVector b, VectorMask<Float> odd, VectorShuffle<Float> exchange) {
    return a.blend(b, odd).add(b.blend(a, odd).rearrange(exchange));
  }

  private static FloatVector withinQuarters(FloatVector vector) {
    FloatVector sums = vector;
    if (L >= 8) {
      sums = sums.add(sums.rearrange(EIGHTH));
    }
    if (L >= 16) {
      sums = sums.add(sums.rearrange(SIXTEENTH));
    }
    return sums;
  }
}
