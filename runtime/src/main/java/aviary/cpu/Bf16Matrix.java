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
    MemorySegment w = data;
    int columns = ins;
    int column = xAt;
    int row = yAt + from;
    long end = 2L * to * columns;
    for (long at = 2L * from * columns; at < end; at += 8 * L) {
      a = load(w, at).fma(Lanes.load(x, column), a);
      b = load(w, at + 2 * L).fma(Lanes.load(x, column + L), b);
      c = load(w, at + 4 * L).fma(Lanes.load(x, column + 2 * L), c);
      d = load(w, at + 6 * L).fma(Lanes.load(x, column + 3 * L), d);
      column += 4 * L;
      if (column == xAt + columns) {
        y[row++] = Sums.one(a.add(b).add(c.add(d)));
        a = Lanes.zero();
        b = a;
        c = a;
        d = a;
        column = xAt;
      }
    }
  }

  private static FloatVector load(MemorySegment w, long at) {
    ShortVector halves = ShortVector.fromMemorySegment(Lanes.SHORTS, w, at, Lanes.ORDER);
    return Lanes.widen(halves).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  @Override
  public void widen(int row, float[] out, int at) {
    long begin = 2L * row * ins;
    int i = 0;
    for (; i < Lanes.whole(ins); i += L) {
      load(data, begin + 2L * i).intoArray(out, at + i);
    }
    for (; i < ins; i++) {
      out[at + i] = Float.intBitsToFloat(data.get(SHORT, begin + 2L * i) << 16);
    }
  }
}
