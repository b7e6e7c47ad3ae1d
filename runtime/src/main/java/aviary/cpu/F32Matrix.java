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
  private static final Loops LOOPS = new Loops();

  @Override
  public Loops loops() {
    return LOOPS;
  }

  @Override
  public Matrix reshaped(int newOuts, int newIns) {
    return new F32Matrix(data, newOuts, newIns);
  }

  @Override
  public int step() {
    return 2 * L;
  }

  /**
   * One loop over all the rows' vectors, that ends a row on the way: what the processor fetches
   * ahead never stops at a row's end, which gains more here than a store in the loop costs.
   */
  @Override
  public void timesOne(float[] x, float[] y, int yAt, int from, int to) {
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
    Sums.all(sums, 0, to - from, y, yAt + from);
  }

  @Override
  public PlainRow plainRow(float[] x) {
    float[] weights = new float[ins];
    float[] two = new float[2 * L];
    return row -> {
      decode(row, weights);
      return PlainProducts.dot(weights, x, two);
    };
  }

  @Override
  public void timesFour(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    MemorySegment w = data;
    int columns = ins;
    int half = (to - from) / 2;
    long apart = 4L * half * columns;
    int size = (to - from) * L;
    float[] sums = new float[4 * size];
    for (int row = from; row < to - half; row++) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      long at = 4L * row * columns;
      for (int i = 0; i < columns; i += L) {
        FloatVector u = FloatVector.fromMemorySegment(F, w, at + 4L * i, Lanes.ORDER);
        FloatVector v = FloatVector.fromMemorySegment(F, w, at + apart + 4L * i, Lanes.ORDER);
        int column = xAt + i;
        FloatVector x0 = FloatVector.fromArray(F, x, column);
        FloatVector x1 = FloatVector.fromArray(F, x, column + columns);
        FloatVector x2 = FloatVector.fromArray(F, x, column + 2 * columns);
        FloatVector x3 = FloatVector.fromArray(F, x, column + 3 * columns);
        a0 = u.fma(x0, a0);
        a1 = u.fma(x1, a1);
        a2 = u.fma(x2, a2);
        a3 = u.fma(x3, a3);
        b0 = v.fma(x0, b0);
        b1 = v.fma(x1, b1);
        b2 = v.fma(x2, b2);
        b3 = v.fma(x3, b3);
      }
      int first = (row - from) * L;
      int second = first + half * L;
      a0.intoArray(sums, first);
      a1.intoArray(sums, size + first);
      a2.intoArray(sums, 2 * size + first);
      a3.intoArray(sums, 3 * size + first);
      b0.intoArray(sums, second);
      b1.intoArray(sums, size + second);
      b2.intoArray(sums, 2 * size + second);
      b3.intoArray(sums, 3 * size + second);
    }
    for (int k = 0; k < 4; k++) {
      Sums.all(sums, k * size, to - from, y, yAt + k * outs + from);
    }
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
  public void decode(int row, float[] out) {
    widen(row, out, 0);
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment.copy(data, FLOAT, 4L * row * ins, out, at, ins);
  }
}
