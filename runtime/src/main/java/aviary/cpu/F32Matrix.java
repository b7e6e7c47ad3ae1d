package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** F32, row by row. */
record F32Matrix(MemorySegment data, int outs, int ins) implements Matrix {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(Lanes.ORDER);

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
    long apart = 4L * half * columns;
    long end = 4L * to * columns - apart;
    for (long at = 4L * from * columns; at < end; at += 8 * L) {
      FloatVector x0 = FloatVector.fromArray(F, x, column);
      FloatVector x1 = FloatVector.fromArray(F, x, column + L);
      a = FloatVector.fromMemorySegment(F, w, at, Lanes.ORDER).fma(x0, a);
      b = FloatVector.fromMemorySegment(F, w, at + 4 * L, Lanes.ORDER).fma(x1, b);
      c = FloatVector.fromMemorySegment(F, w, at + apart, Lanes.ORDER).fma(x0, c);
      d = FloatVector.fromMemorySegment(F, w, at + apart + 4 * L, Lanes.ORDER).fma(x1, d);
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
    return 1;
  }

  @Override
  public void widenTile(int[] tile, int row, int column, float[] out, int at, int stride) {
    for (int c = 0; c < IntTile.SIZE; c++) {
      IntVector.fromArray(Lanes.INTS, tile, c * L)
          .reinterpretAsFloats()
          .intoArray(out, at + c * stride);
    }
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment.copy(data, FLOAT, 4L * row * ins, out, at, ins);
  }
}
