package aviary.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
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

  private static final IntVector EVEN_8 = evens(8);
  private static final IntVector EVEN_4 = evens(4);
  private static final IntVector EVEN_2 = evens(2);
  private static final IntVector EVEN_1 = evens(1);

  private static final IntVector ODD_8 = EVEN_8.add(8);
  private static final IntVector ODD_4 = EVEN_4.add(4);
  private static final IntVector ODD_2 = EVEN_2.add(2);
  private static final IntVector ODD_1 = EVEN_1.add(1);

  private IntTile() {}

  /** Whether this machine's vectors have 16 ints. */
  static boolean isPossible() {
    return Lanes.COUNT == SIZE;
  }

  /**
   * The lanes that make a vector of two: in turn a group of {@code size} lanes of the one and of
   * the other, those at even places. Lanes of the other are numbered behind those of the one.
   */
  private static IntVector evens(int size) {
    int[] lanes = new int[I.length()];
    for (int lane = 0; lane < lanes.length; lane++) {
      boolean ofOther = (lane & size) != 0;
      lanes[lane] = ofOther ? SIZE + lane - size : lane;
    }
    return IntVector.fromArray(I, lanes, 0);
  }

  /**
   * Writes the columns of a tile, one behind the other.
   *
   * @param at the byte where the first row begins
   * @param stride how many bytes apart two rows are
   * @param columns takes 256 ints; may be the array below {@code ints}, as all rows are read first
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
    v0 = EVEN_8.selectFrom(t, v8);
    v8 = ODD_8.selectFrom(t, v8);
    t = v1;
    v1 = EVEN_8.selectFrom(t, v9);
    v9 = ODD_8.selectFrom(t, v9);
    t = v2;
    v2 = EVEN_8.selectFrom(t, v10);
    v10 = ODD_8.selectFrom(t, v10);
    t = v3;
    v3 = EVEN_8.selectFrom(t, v11);
    v11 = ODD_8.selectFrom(t, v11);
    t = v4;
    v4 = EVEN_8.selectFrom(t, v12);
    v12 = ODD_8.selectFrom(t, v12);
    t = v5;
    v5 = EVEN_8.selectFrom(t, v13);
    v13 = ODD_8.selectFrom(t, v13);
    t = v6;
    v6 = EVEN_8.selectFrom(t, v14);
    v14 = ODD_8.selectFrom(t, v14);
    t = v7;
    v7 = EVEN_8.selectFrom(t, v15);
    v15 = ODD_8.selectFrom(t, v15);
    t = v0;
    v0 = EVEN_4.selectFrom(t, v4);
    v4 = ODD_4.selectFrom(t, v4);
    t = v1;
    v1 = EVEN_4.selectFrom(t, v5);
    v5 = ODD_4.selectFrom(t, v5);
    t = v2;
    v2 = EVEN_4.selectFrom(t, v6);
    v6 = ODD_4.selectFrom(t, v6);
    t = v3;
    v3 = EVEN_4.selectFrom(t, v7);
    v7 = ODD_4.selectFrom(t, v7);
    t = v8;
    v8 = EVEN_4.selectFrom(t, v12);
    v12 = ODD_4.selectFrom(t, v12);
    t = v9;
    v9 = EVEN_4.selectFrom(t, v13);
    v13 = ODD_4.selectFrom(t, v13);
    t = v10;
    v10 = EVEN_4.selectFrom(t, v14);
    v14 = ODD_4.selectFrom(t, v14);
    t = v11;
    v11 = EVEN_4.selectFrom(t, v15);
    v15 = ODD_4.selectFrom(t, v15);
    t = v0;
    v0 = EVEN_2.selectFrom(t, v2);
    v2 = ODD_2.selectFrom(t, v2);
    t = v1;
    v1 = EVEN_2.selectFrom(t, v3);
    v3 = ODD_2.selectFrom(t, v3);
    t = v4;
    v4 = EVEN_2.selectFrom(t, v6);
    v6 = ODD_2.selectFrom(t, v6);
    t = v5;
    v5 = EVEN_2.selectFrom(t, v7);
    v7 = ODD_2.selectFrom(t, v7);
    t = v8;
    v8 = EVEN_2.selectFrom(t, v10);
    v10 = ODD_2.selectFrom(t, v10);
    t = v9;
    v9 = EVEN_2.selectFrom(t, v11);
    v11 = ODD_2.selectFrom(t, v11);
    t = v12;
    v12 = EVEN_2.selectFrom(t, v14);
    v14 = ODD_2.selectFrom(t, v14);
    t = v13;
    v13 = EVEN_2.selectFrom(t, v15);
    v15 = ODD_2.selectFrom(t, v15);
    t = v0;
    v0 = EVEN_1.selectFrom(t, v1);
    v1 = ODD_1.selectFrom(t, v1);
    t = v2;
    v2 = EVEN_1.selectFrom(t, v3);
    v3 = ODD_1.selectFrom(t, v3);
    t = v4;
    v4 = EVEN_1.selectFrom(t, v5);
    v5 = ODD_1.selectFrom(t, v5);
    t = v6;
    v6 = EVEN_1.selectFrom(t, v7);
    v7 = ODD_1.selectFrom(t, v7);
    t = v8;
    v8 = EVEN_1.selectFrom(t, v9);
    v9 = ODD_1.selectFrom(t, v9);
    t = v10;
    v10 = EVEN_1.selectFrom(t, v11);
    v11 = ODD_1.selectFrom(t, v11);
    t = v12;
    v12 = EVEN_1.selectFrom(t, v13);
    v13 = ODD_1.selectFrom(t, v13);
    t = v14;
    v14 = EVEN_1.selectFrom(t, v15);
    v15 = ODD_1.selectFrom(t, v15);
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
