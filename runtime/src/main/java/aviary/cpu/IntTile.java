package aviary.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exchanges rows and columns of 16 by 16 ints, for machines whose vectors have 16 of them. Lanes
 * that are 8, then 4, 2 and 1 apart change places between vectors that are as far apart. Written
 * out, as vectors in an array would not stay in registers; a loop over single ints takes three
 * times as long.
 */
final class IntTile {

  /** The rows, and the columns. */
  static final int SIZE = 16;

  private static final VectorSpecies<Integer> I = Lanes.INTS;

  private static final VectorShuffle<Integer> BY_8 = exchange(8);
  private static final VectorShuffle<Integer> BY_4 = exchange(4);
  private static final VectorShuffle<Integer> BY_2 = exchange(2);
  private static final VectorShuffle<Integer> BY_1 = exchange(1);

  private static final VectorMask<Integer> ODD_8 = odd(8);
  private static final VectorMask<Integer> ODD_4 = odd(4);
  private static final VectorMask<Integer> ODD_2 = odd(2);
  private static final VectorMask<Integer> ODD_1 = odd(1);

  private IntTile() {}

  /** Whether this machine's vectors have 16 ints. */
  static boolean isPossible() {
    return Lanes.COUNT == SIZE;
  }

  private static VectorShuffle<Integer> exchange(int distance) {
    return VectorShuffle.fromOp(I, lane -> (lane ^ distance) % I.length());
  }

  private static VectorMask<Integer> odd(int distance) {
    boolean[] odd = new boolean[I.length()];
    for (int lane = 0; lane < odd.length; lane++) {
      odd[lane] = (lane & distance) != 0;
    }
    return VectorMask.fromArray(I, odd, 0);
  }

  /**
   * Writes the columns of a tile, one behind the other.
   *
   * @param at the byte where the first row begins
   * @param stride how many bytes apart two rows are
   * @param columns takes 256 ints
   */
  static void transpose(MemorySegment ints, long at, long stride, int[] columns) {
    IntVector v0 = row(ints, at);
    IntVector v1 = row(ints, at + stride);
    IntVector v2 = row(ints, at + 2 * stride);
    IntVector v3 = row(ints, at + 3 * stride);
    IntVector v4 = row(ints, at + 4 * stride);
    IntVector v5 = row(ints, at + 5 * stride);
    IntVector v6 = row(ints, at + 6 * stride);
    IntVector v7 = row(ints, at + 7 * stride);
    IntVector v8 = row(ints, at + 8 * stride);
    IntVector v9 = row(ints, at + 9 * stride);
    IntVector v10 = row(ints, at + 10 * stride);
    IntVector v11 = row(ints, at + 11 * stride);
    IntVector v12 = row(ints, at + 12 * stride);
    IntVector v13 = row(ints, at + 13 * stride);
    IntVector v14 = row(ints, at + 14 * stride);
    IntVector v15 = row(ints, at + 15 * stride);
    IntVector t;
    t = v0;
    v0 = t.blend(v8.rearrange(BY_8), ODD_8);
    v8 = t.rearrange(BY_8).blend(v8, ODD_8);
    t = v1;
    v1 = t.blend(v9.rearrange(BY_8), ODD_8);
    v9 = t.rearrange(BY_8).blend(v9, ODD_8);
    t = v2;
    v2 = t.blend(v10.rearrange(BY_8), ODD_8);
    v10 = t.rearrange(BY_8).blend(v10, ODD_8);
    t = v3;
    v3 = t.blend(v11.rearrange(BY_8), ODD_8);
    v11 = t.rearrange(BY_8).blend(v11, ODD_8);
    t = v4;
    v4 = t.blend(v12.rearrange(BY_8), ODD_8);
    v12 = t.rearrange(BY_8).blend(v12, ODD_8);
    t = v5;
    v5 = t.blend(v13.rearrange(BY_8), ODD_8);
    v13 = t.rearrange(BY_8).blend(v13, ODD_8);
    t = v6;
    v6 = t.blend(v14.rearrange(BY_8), ODD_8);
    v14 = t.rearrange(BY_8).blend(v14, ODD_8);
    t = v7;
    v7 = t.blend(v15.rearrange(BY_8), ODD_8);
    v15 = t.rearrange(BY_8).blend(v15, ODD_8);
    t = v0;
    v0 = t.blend(v4.rearrange(BY_4), ODD_4);
    v4 = t.rearrange(BY_4).blend(v4, ODD_4);
    t = v1;
    v1 = t.blend(v5.rearrange(BY_4), ODD_4);
    v5 = t.rearrange(BY_4).blend(v5, ODD_4);
    t = v2;
    v2 = t.blend(v6.rearrange(BY_4), ODD_4);
    v6 = t.rearrange(BY_4).blend(v6, ODD_4);
    t = v3;
    v3 = t.blend(v7.rearrange(BY_4), ODD_4);
    v7 = t.rearrange(BY_4).blend(v7, ODD_4);
    t = v8;
    v8 = t.blend(v12.rearrange(BY_4), ODD_4);
    v12 = t.rearrange(BY_4).blend(v12, ODD_4);
    t = v9;
    v9 = t.blend(v13.rearrange(BY_4), ODD_4);
    v13 = t.rearrange(BY_4).blend(v13, ODD_4);
    t = v10;
    v10 = t.blend(v14.rearrange(BY_4), ODD_4);
    v14 = t.rearrange(BY_4).blend(v14, ODD_4);
    t = v11;
    v11 = t.blend(v15.rearrange(BY_4), ODD_4);
    v15 = t.rearrange(BY_4).blend(v15, ODD_4);
    t = v0;
    v0 = t.blend(v2.rearrange(BY_2), ODD_2);
    v2 = t.rearrange(BY_2).blend(v2, ODD_2);
    t = v1;
    v1 = t.blend(v3.rearrange(BY_2), ODD_2);
    v3 = t.rearrange(BY_2).blend(v3, ODD_2);
    t = v4;
    v4 = t.blend(v6.rearrange(BY_2), ODD_2);
    v6 = t.rearrange(BY_2).blend(v6, ODD_2);
    t = v5;
    v5 = t.blend(v7.rearrange(BY_2), ODD_2);
    v7 = t.rearrange(BY_2).blend(v7, ODD_2);
    t = v8;
    v8 = t.blend(v10.rearrange(BY_2), ODD_2);
    v10 = t.rearrange(BY_2).blend(v10, ODD_2);
    t = v9;
    v9 = t.blend(v11.rearrange(BY_2), ODD_2);
    v11 = t.rearrange(BY_2).blend(v11, ODD_2);
    t = v12;
    v12 = t.blend(v14.rearrange(BY_2), ODD_2);
    v14 = t.rearrange(BY_2).blend(v14, ODD_2);
    t = v13;
    v13 = t.blend(v15.rearrange(BY_2), ODD_2);
    v15 = t.rearrange(BY_2).blend(v15, ODD_2);
    t = v0;
    v0 = t.blend(v1.rearrange(BY_1), ODD_1);
    v1 = t.rearrange(BY_1).blend(v1, ODD_1);
    t = v2;
    v2 = t.blend(v3.rearrange(BY_1), ODD_1);
    v3 = t.rearrange(BY_1).blend(v3, ODD_1);
    t = v4;
    v4 = t.blend(v5.rearrange(BY_1), ODD_1);
    v5 = t.rearrange(BY_1).blend(v5, ODD_1);
    t = v6;
    v6 = t.blend(v7.rearrange(BY_1), ODD_1);
    v7 = t.rearrange(BY_1).blend(v7, ODD_1);
    t = v8;
    v8 = t.blend(v9.rearrange(BY_1), ODD_1);
    v9 = t.rearrange(BY_1).blend(v9, ODD_1);
    t = v10;
    v10 = t.blend(v11.rearrange(BY_1), ODD_1);
    v11 = t.rearrange(BY_1).blend(v11, ODD_1);
    t = v12;
    v12 = t.blend(v13.rearrange(BY_1), ODD_1);
    v13 = t.rearrange(BY_1).blend(v13, ODD_1);
    t = v14;
    v14 = t.blend(v15.rearrange(BY_1), ODD_1);
    v15 = t.rearrange(BY_1).blend(v15, ODD_1);
    v0.intoArray(columns, 0);
    v1.intoArray(columns, 16);
    v2.intoArray(columns, 32);
    v3.intoArray(columns, 48);
    v4.intoArray(columns, 64);
    v5.intoArray(columns, 80);
    v6.intoArray(columns, 96);
    v7.intoArray(columns, 112);
    v8.intoArray(columns, 128);
    v9.intoArray(columns, 144);
    v10.intoArray(columns, 160);
    v11.intoArray(columns, 176);
    v12.intoArray(columns, 192);
    v13.intoArray(columns, 208);
    v14.intoArray(columns, 224);
    v15.intoArray(columns, 240);
  }

  private static IntVector row(MemorySegment ints, long at) {
    return IntVector.fromMemorySegment(I, ints, at, Lanes.ORDER);
  }
}
