package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** BF16, row by row: the upper halves of floats. */
record Bf16Matrix(MemorySegment data, int outs, int ins) implements Matrix {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  @Override
  public int step() {
    return 2 * L;
  }

  @Override
  public void flat(float[] x, float[] y, int yAt, int from, int to) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    MemorySegment w = data;
    int columns = ins;
    int column = 0;
    int row = 0;
    float[] sums = new float[(to - from) * L];
    int half = (to - from) / 2;
    int sumsApart = half * L;
    long apart = 2L * half * columns;
    long end = 2L * to * columns - apart;
    for (long at = 2L * from * columns; at < end; at += 4 * L) {
      FloatVector x0 = FloatVector.fromArray(F, x, column);
      FloatVector x1 = FloatVector.fromArray(F, x, column + L);
      a =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(x0, a);
      b =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + 2 * L, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(x1, b);
      c =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + apart, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(x0, c);
      d =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + apart + 2 * L, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(x1, d);
      column += 2 * L;
      if (column == columns) {
        a.add(b).intoArray(sums, row);
        c.add(d).intoArray(sums, row + sumsApart);
        row += L;
        a = FloatVector.zero(F);
        b = a;
        c = a;
        d = a;
        column = 0;
      }
    }
    Sums.all(sums, 0, to - from, y, yAt + from);
  }

  @Override
  public void timesFour(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector b3 = a0;
    MemorySegment w = data;
    int columns = ins;
    int column = 0;
    int row = 0;
    int half = (to - from) / 2;
    int size = (to - from) * L;
    int sumsApart = half * L;
    float[] sums = new float[4 * size];
    long apart = 2L * half * columns;
    long end = 2L * to * columns - apart;
    for (long at = 2L * from * columns; at < end; at += 2 * L) {
      FloatVector u =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector v =
          ((IntVector)
                  ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + apart, Lanes.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector x0 = FloatVector.fromArray(F, x, xAt + column);
      FloatVector x1 = FloatVector.fromArray(F, x, xAt + columns + column);
      FloatVector x2 = FloatVector.fromArray(F, x, xAt + 2 * columns + column);
      FloatVector x3 = FloatVector.fromArray(F, x, xAt + 3 * columns + column);
      a0 = u.fma(x0, a0);
      a1 = u.fma(x1, a1);
      a2 = u.fma(x2, a2);
      a3 = u.fma(x3, a3);
      b0 = v.fma(x0, b0);
      b1 = v.fma(x1, b1);
      b2 = v.fma(x2, b2);
      b3 = v.fma(x3, b3);
      column += L;
      if (column == columns) {
        a0.intoArray(sums, row);
        a1.intoArray(sums, size + row);
        a2.intoArray(sums, 2 * size + row);
        a3.intoArray(sums, 3 * size + row);
        b0.intoArray(sums, row + sumsApart);
        b1.intoArray(sums, size + row + sumsApart);
        b2.intoArray(sums, 2 * size + row + sumsApart);
        b3.intoArray(sums, 3 * size + row + sumsApart);
        row += L;
        a0 = FloatVector.zero(F);
        a1 = a0;
        a2 = a0;
        a3 = a0;
        b0 = a0;
        b1 = a0;
        b2 = a0;
        b3 = a0;
        column = 0;
      }
    }
    for (int k = 0; k < 4; k++) {
      Sums.all(sums, k * size, to - from, y, yAt + k * outs + from);
    }
  }

  @Override
  public int weightsInInt() {
    return 2;
  }

  @Override
  public void widenTile(int[] tile, int row, int column, float[] out, int at, int stride) {
    for (int c = 0; c < IntTile.SIZE; c++) {
      IntVector two = IntVector.fromArray(Lanes.INTS, tile, c * L);
      int to = at + 2 * c * stride;
      two.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, to);
      two.and(0xFFFF_0000).reinterpretAsFloats().intoArray(out, to + stride);
    }
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment w = data;
    long begin = 2L * row * ins;
    int i = 0;
    for (; i < Lanes.whole(ins); i += L) {
      ((IntVector)
              ShortVector.fromMemorySegment(Lanes.SHORTS, w, begin + 2L * i, Lanes.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(out, at + i);
    }
    for (; i < ins; i++) {
      out[at + i] = Float.intBitsToFloat(data.get(SHORT, begin + 2L * i) << 16);
    }
  }
}
