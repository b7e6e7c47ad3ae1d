package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of vectors' lanes, added in an order that is always the same. That of {@code reduceLanes} is
 * not specified, and may be one where it is interpreted and another where it is compiled, so that
 * results would change while a program runs.
 */
public final class Sums {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private static final VectorShuffle<Float> HALF = exchange(L / 2);
  private static final VectorShuffle<Float> QUARTER = exchange(L / 4);
  private static final VectorShuffle<Float> EIGHTH = exchange(L / 8);
  private static final VectorShuffle<Float> SIXTEENTH = exchange(L / 16);

  private static final VectorMask<Float> UPPER_HALF = odd(L / 2);
  private static final VectorMask<Float> ODD_QUARTERS = odd(L / 4);

  /** The lanes where {@link #four} has its sums, put in order. */
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
  public static float one(FloatVector vector) {
    FloatVector sums = vector.add(vector.rearrange(HALF));
    sums = sums.add(sums.rearrange(QUARTER));
    if (L >= 8) {
      sums = sums.add(sums.rearrange(EIGHTH));
    }
    if (L >= 16) {
      sums = sums.add(sums.rearrange(SIXTEENTH));
    }
    return sums.lane(0);
  }

  /**
   * Writes the sums of vectors' lanes, that stand in an array, to another.
   *
   * @param vectors the vectors, one behind the other from {@code from} on
   */
  static void all(float[] vectors, int from, int count, float[] out, int at) {
    int i = 0;
    for (; i + 4 <= count; i += 4) {
      four(vectors, from + i * L, out, at + i);
    }
    for (; i < count; i++) {
      out[at + i] = one(FloatVector.fromArray(F, vectors, from + i * L));
    }
  }

  /**
   * As {@link #all} for four vectors, in fewer steps and to the same bits: two vectors' groups of
   * lanes are each added to their neighbours in one, first halves, then quarters.
   */
  static void four(float[] vectors, int from, float[] out, int at) {
    FloatVector a = FloatVector.fromArray(F, vectors, from);
    FloatVector b = FloatVector.fromArray(F, vectors, from + L);
    FloatVector c = FloatVector.fromArray(F, vectors, from + 2 * L);
    FloatVector d = FloatVector.fromArray(F, vectors, from + 3 * L);
    FloatVector ab = a.blend(b, UPPER_HALF).add(b.blend(a, UPPER_HALF).rearrange(HALF));
    FloatVector cd = c.blend(d, UPPER_HALF).add(d.blend(c, UPPER_HALF).rearrange(HALF));
    FloatVector sums =
        ab.blend(cd, ODD_QUARTERS).add(cd.blend(ab, ODD_QUARTERS).rearrange(QUARTER));
    if (L >= 8) {
      sums = sums.add(sums.rearrange(EIGHTH));
    }
    if (L >= 16) {
      sums = sums.add(sums.rearrange(SIXTEENTH));
    }
    sums.rearrange(QUARTERS_IN_ORDER).intoArray(out, at, FIRST_FOUR);
  }
}
