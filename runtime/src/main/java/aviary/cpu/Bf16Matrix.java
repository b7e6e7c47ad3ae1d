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
    Sums.all(sums, to - from, y, yAt + from);
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
