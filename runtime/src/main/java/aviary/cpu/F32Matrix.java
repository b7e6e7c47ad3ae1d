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
    long begin = 4L * from * ins;
    int steps = (to - from) * (ins / step());
    int column = 0;
    int row = yAt + from;
    for (int s = 0; s < steps; s++) {
      long at = begin + 16L * L * s;
      int i = xAt + column;
      a = load(at).fma(Lanes.load(x, i), a);
      b = load(at + 4 * L).fma(Lanes.load(x, i + L), b);
      c = load(at + 8 * L).fma(Lanes.load(x, i + 2 * L), c);
      d = load(at + 12 * L).fma(Lanes.load(x, i + 3 * L), d);
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
    return FloatVector.fromMemorySegment(Lanes.FLOATS, data, at, Lanes.ORDER);
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment.copy(data, FLOAT, 4L * row * ins, out, at, ins);
  }
}
