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
   * @param columns takes 256 ints
   */
  static void transpose(MemorySegment ints, long at, long stride, int[] columns) {
    for (int row = 0; row < SIZE; row++) {
      IntVector.fromMemorySegment(I, ints, at + row * stride, Lanes.ORDER)
          .intoArray(columns, row * SIZE);
    }
    transpose(columns);
  }

  /**
   * Exchanges the rows and columns of a tile in place.
   *
   * @param tile 256 ints, its rows one behind the other
   */
  static void transpose(int[] tile) {
    IntVector v0 = IntVector.fromArray(I, tile, 0);
    IntVector v1 = IntVector.fromArray(I, tile, 16);
    IntVector v2 = IntVector.fromArray(I, tile, 32);
    IntVector v3 = IntVector.fromArray(I, tile, 48);
    IntVector v4 = IntVector.fromArray(I, tile, 64);
    IntVector v5 = IntVector.fromArray(I, tile, 80);
    IntVector v6 = IntVector.fromArray(I, tile, 96);
    IntVector v7 = IntVector.fromArray(I, tile, 112);
    IntVector v8 = IntVector.fromArray(I, tile, 128);
    IntVector v9 = IntVector.fromArray(I, tile, 144);
    IntVector v10 = IntVector.fromArray(I, tile, 160);
    IntVector v11 = IntVector.fromArray(I, tile, 176);
    IntVector v12 = IntVector.fromArray(I, tile, 192);
    IntVector v13 = IntVector.fromArray(I, tile, 208);
    IntVector v14 = IntVector.fromArray(I, tile, 224);
    IntVector v15 = IntVector.fromArray(I, tile, 240);
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
    v0.intoArray(tile, 0);
    v1.intoArray(tile, 16);
    v2.intoArray(tile, 32);
    v3.intoArray(tile, 48);
    v4.intoArray(tile, 64);
    v5.intoArray(tile, 80);
    v6.intoArray(tile, 96);
    v7.intoArray(tile, 112);
    v8.intoArray(tile, 128);
    v9.intoArray(tile, 144);
    v10.intoArray(tile, 160);
    v11.intoArray(tile, 176);
    v12.intoArray(tile, 192);
    v13.intoArray(tile, 208);
    v14.intoArray(tile, 224);
    v15.intoArray(tile, 240);
  }
}
