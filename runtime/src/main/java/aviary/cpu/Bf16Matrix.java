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
  private static final Loops LOOPS = new Loops();

  @Override
  public Loops loops() {
    return LOOPS;
  }

  @Override
  public Matrix reshaped(int newOuts, int newIns) {
    return new Bf16Matrix(data, newOuts, newIns);
  }

  @Override
  public int step() {
    return L;
  }

  @Override
  public void timesOne(float[] x, float[] y, int yAt, int from, int to) {
    MemorySegment w = data;
    int columns = ins;
    int half = (to - from) / 2;
    long apart = 2L * half * columns;
    float[] sums = new float[(to - from) * L];
    for (int row = from; row < to - half; row++) {
      FloatVector a = FloatVector.zero(F);
      FloatVector b = a;
      long at = 2L * row * columns;
      for (int i = 0; i < columns; i += L) {
        FloatVector u =
            ((IntVector)
                    ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + 2L * i, Lanes.ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
        FloatVector v =
            ((IntVector)
                    ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + apart + 2L * i, Lanes.ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
        FloatVector activation = FloatVector.fromArray(F, x, i);
        a = u.fma(activation, a);
        b = v.fma(activation, b);
      }
      a.intoArray(sums, (row - from) * L);
      b.intoArray(sums, (row - from + half) * L);
    }
    Sums.all(sums, 0, to - from, y, yAt + from);
  }

  @Override
  public PlainRow plainRow(float[] x) {
    float[] weights = new float[ins];
    float[] lanes = new float[L];
    return row -> {
      decode(row, weights);
      return PlainProducts.dot(weights, x, lanes);
    };
  }

  @Override
  public void timesFour(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    MemorySegment w = data;
    int columns = ins;
    int half = (to - from) / 2;
    long apart = 2L * half * columns;
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
      long at = 2L * row * columns;
      for (int i = 0; i < columns; i += L) {
        FloatVector u =
            ((IntVector)
                    ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + 2L * i, Lanes.ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
        FloatVector v =
            ((IntVector)
                    ShortVector.fromMemorySegment(Lanes.SHORTS, w, at + apart + 2L * i, Lanes.ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
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
  public void decode(int row, float[] out) {
    short[] numbers = new short[ins];
    MemorySegment.copy(data, SHORT, 2L * row * ins, numbers, 0, ins);
    for (int i = 0; i < ins; i++) {
      out[i] = Float.intBitsToFloat(numbers[i] << 16);
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
