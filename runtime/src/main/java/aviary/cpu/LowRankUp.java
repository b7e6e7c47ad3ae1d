package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import aviary.safetensors.Tensor;
import jdk.incubator.vector.FloatVector;

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
  private static final int L = Lanes.COUNT;

  /** The {@code index}-th matrix [in, out] of a tensor. */
  static LowRankUp of(Tensor tensor, int index, int ins, int outs) {
    float[] weights = new float[ins * outs];
    tensor.read((long) index * weights.length, weights, 0, weights.length);
    return new LowRankUp(weights, ins, outs);
  }

  /** Computes the results {@code from .. to} of all rows. */
  void product(Rows x, int rows, Rows y, int from, int to) {
    for (int row = 0; row < rows; row++) {
      one(x.array(), x.begin(row), y.array(), y.begin(row), from, to);
    }
  }

  private void one(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    int o = from;
    for (; o + 4 * L <= to; o += 4 * L) {
      FloatVector a = Lanes.zero();
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int i = 0; i < ins; i++) {
        FloatVector factor = Lanes.all(x[xAt + i]);
        int at = i * outs + o;
        a = Lanes.load(weights, at).fma(factor, a);
        b = Lanes.load(weights, at + L).fma(factor, b);
        c = Lanes.load(weights, at + 2 * L).fma(factor, c);
        d = Lanes.load(weights, at + 3 * L).fma(factor, d);
      }
      a.intoArray(y, yAt + o);
      b.intoArray(y, yAt + o + L);
      c.intoArray(y, yAt + o + 2 * L);
      d.intoArray(y, yAt + o + 3 * L);
    }
    for (; o < to; o++) {
      float sum = 0;
      for (int i = 0; i < ins; i++) {
        sum += x[xAt + i] * weights[i * outs + o];
      }
      y[yAt + o] = sum;
    }
  }
}
