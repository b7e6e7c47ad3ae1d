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
    return 4 * L;
  }

  @Override
  public void flat(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    FloatVector a = Lanes.zero();
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    long begin = 2L * from * ins;
    int steps = (to - from) * (ins / step());
    int column = 0;
    int row = yAt + from;
    for (int s = 0; s < steps; s++) {
      long at = begin + 8L * L * s;
      int i = xAt + column;
      a = load(at).fma(Lanes.load(x, i), a);
      b = load(at + 2 * L).fma(Lanes.load(x, i + L), b);
      c = load(at + 4 * L).fma(Lanes.load(x, i + 2 * L), c);
      d = load(at + 6 * L).fma(Lanes.load(x, i + 3 * L), d);
      column += 4 * L;
      if (column == ins) {
        y[row++] = Sums.one(a.add(b).add(c.add(d)));
        a = Lanes.zero();
        b = a;
        c = a;
        d = a;
        column = 0;
      }
    }
  }

  /**
   * The sign goes to the float's sign, exponent and fraction behind it to where a float has them,
   * and a product by a power of two, exact also for subnormal numbers, puts the exponent right.
   * Infinities and NaN, which are no weights, become numbers of 65,536 and more.
   */
  private FloatVector load(long at) {
    IntVector bits =
        Lanes.widen(ShortVector.fromMemorySegment(Lanes.SHORTS, data, at, Lanes.ORDER));
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
      load(begin + 2L * i).intoArray(out, at + i);
    }
    for (; i < ins; i++) {
      out[at + i] = Float.float16ToFloat(data.get(SHORT, begin + 2L * i));
    }
  }
}
