package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import aviary.safetensors.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The second matrix of a low-rank pair, [in, out], which has few inputs and many outputs. Vectors
 * go along the outputs, so that no lanes have to be summed: {@code y[o] = sum_i x[i] W[i][o]}. Such
 * matrices are about a hundredth of the weights, and are kept as floats.
 *
 * @param weights W, row by row
 * @param ins the number of inputs
 * @param outs the number of outputs
 */
record LowRankUp(float[] weights, int ins, int outs) {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** The {@code index}-th matrix [in, out] of a tensor. */
  static LowRankUp of(Tensor tensor, int index, int ins, int outs) {
    float[] weights = new float[ins * outs];
    tensor.read((long) index * weights.length, weights, 0, weights.length);
    return new LowRankUp(weights, ins, outs);
  }

  /** Computes the results {@code from .. to} of all rows. */
  void product(Rows x, int rows, Rows y, int from, int to) {
    int whole = from + Lanes.whole(to - from);
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      for (int o = from; o < whole; o += L) {
        four(x, y, row, o);
      }
    }
    for (; row < rows; row++) {
      one(x.array(), x.begin(row), y.array(), y.begin(row), from, whole);
    }
    for (int o = whole; o < to; o++) {
      for (int t = 0; t < rows; t++) {
        y.array()[y.begin(t) + o] = single(x.array(), x.begin(t), o);
      }
    }
  }

  /** A vector of results of four rows: a load of weights serves all four. */
  private void four(Rows x, Rows y, int row, int o) {
    float[] xs = x.array();
    int x0 = x.begin(row);
    int x1 = x0 + x.stride();
    int x2 = x1 + x.stride();
    int x3 = x2 + x.stride();
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < ins; i++) {
      FloatVector w = FloatVector.fromArray(F, weights, i * outs + o);
      a = w.fma(FloatVector.broadcast(F, xs[x0 + i]), a);
      b = w.fma(FloatVector.broadcast(F, xs[x1 + i]), b);
      c = w.fma(FloatVector.broadcast(F, xs[x2 + i]), c);
      d = w.fma(FloatVector.broadcast(F, xs[x3 + i]), d);
    }
    float[] ys = y.array();
    a.intoArray(ys, y.begin(row) + o);
    b.intoArray(ys, y.begin(row + 1) + o);
    c.intoArray(ys, y.begin(row + 2) + o);
    d.intoArray(ys, y.begin(row + 3) + o);
  }

  /** Results of one row, four vectors at once, so that more than a cache line is read at a time. */
  private void one(float[] x, int xAt, float[] y, int yAt, int from, int whole) {
    int o = from;
    for (; o + 4 * L <= whole; o += 4 * L) {
      FloatVector a = FloatVector.zero(F);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int i = 0; i < ins; i++) {
        FloatVector factor = FloatVector.broadcast(F, x[xAt + i]);
        int at = i * outs + o;
        a = FloatVector.fromArray(F, weights, at).fma(factor, a);
        b = FloatVector.fromArray(F, weights, at + L).fma(factor, b);
        c = FloatVector.fromArray(F, weights, at + 2 * L).fma(factor, c);
        d = FloatVector.fromArray(F, weights, at + 3 * L).fma(factor, d);
      }
      a.intoArray(y, yAt + o);
      b.intoArray(y, yAt + o + L);
      c.intoArray(y, yAt + o + 2 * L);
      d.intoArray(y, yAt + o + 3 * L);
    }
    for (; o < whole; o += L) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = 0; i < ins; i++) {
        sum =
            FloatVector.fromArray(F, weights, i * outs + o)
                .fma(FloatVector.broadcast(F, x[xAt + i]), sum);
      }
      sum.intoArray(y, yAt + o);
    }
  }

  private float single(float[] x, int xAt, int o) {
    float sum = 0;
    for (int i = 0; i < ins; i++) {
      sum += x[xAt + i] * weights[i * outs + o];
    }
    return sum;
  }
}
