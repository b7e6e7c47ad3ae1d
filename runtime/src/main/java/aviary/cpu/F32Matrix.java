package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** F32, row by row. */
record F32Matrix(MemorySegment data, int outs, int ins) implements Matrix {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(Lanes.ORDER);

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
    long end = 4L * to * columns;
    for (long at = 4L * from * columns; at < end; at += 16 * L) {
      a = load(w, at).fma(Lanes.load(x, column), a);
      b = load(w, at + 4 * L).fma(Lanes.load(x, column + L), b);
      c = load(w, at + 8 * L).fma(Lanes.load(x, column + 2 * L), c);
      d = load(w, at + 12 * L).fma(Lanes.load(x, column + 3 * L), d);
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
    return FloatVector.fromMemorySegment(Lanes.FLOATS, w, at, Lanes.ORDER);
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment.copy(data, FLOAT, 4L * row * ins, out, at, ins);
  }
}
