package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** F16, row by row. */
record F16Matrix(MemorySegment data, int outs, int ins) implements Matrix {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);

  private static final int L = Lanes.COUNT;

  /** Exponents are kept with 15 added in F16, with 127 in F32. */
  private static final float REBIAS = 0x1p112f;

  @Override
  public int step() {
    return 2 * L;
  }

  /** Two vectors a step: with four, the compiler would not take all of it into one method. */
  @Override
  public void flat(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    FloatVector a = Lanes.zero();
    FloatVector b = a;
    MemorySegment w = data;
    int columns = ins;
    int column = xAt;
    int row = yAt + from;
    long end = 2L * to * columns;
    for (long at = 2L * from * columns; at < end; at += 4 * L) {
      a = load(w, at).fma(Lanes.load(x, column), a);
      b = load(w, at + 2 * L).fma(Lanes.load(x, column + L), b);
      column += 2 * L;
      if (column == xAt + columns) {
        y[row++] = Sums.one(a.add(b));
        a = Lanes.zero();
        b = a;
        column = xAt;
      }
    }
  }

  /**
   * The sign goes to the float's sign, exponent and fraction behind it to where a float has them,
   * and a product by a power of two, exact also for subnormal numbers, puts the exponent right.
   * Infinities and NaN, which are no weights, become numbers of 65,536 and more.
   */
  static FloatVector load(MemorySegment w, long at) {
    IntVector bits = Lanes.widen(ShortVector.fromMemorySegment(Lanes.SHORTS, w, at, Lanes.ORDER));
    return bits.lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 3)
        .and(0x8FFF_FFFF)
        .reinterpretAsFloats()
        .mul(REBIAS);
  }

  @Override
  public void widen(int row, float[] out, int at) {
    long begin = 2L * row * ins;
    int i = 0;
    for (; i < Lanes.whole(ins); i += L) {
      load(data, begin + 2L * i).intoArray(out, at + i);
    }
    for (; i < ins; i++) {
      out[at + i] = Float.float16ToFloat(data.get(SHORT, begin + 2L * i));
    }
  }
}
