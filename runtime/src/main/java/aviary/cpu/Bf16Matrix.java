package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** BF16, row by row: the upper halves of floats. */
record Bf16Matrix(MemorySegment data, int outs, int ins) implements Matrix {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);

  private static final int L = Lanes.COUNT;

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

  private FloatVector load(long at) {
    ShortVector halves = ShortVector.fromMemorySegment(Lanes.SHORTS, data, at, Lanes.ORDER);
    return Lanes.widen(halves).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  @Override
  public void widen(int row, float[] out, int at) {
    long begin = 2L * row * ins;
    int i = 0;
    for (; i < Lanes.whole(ins); i += L) {
      load(begin + 2L * i).intoArray(out, at + i);
    }
    for (; i < ins; i++) {
      out[at + i] = Float.intBitsToFloat(data.get(SHORT, begin + 2L * i) << 16);
    }
  }
}
