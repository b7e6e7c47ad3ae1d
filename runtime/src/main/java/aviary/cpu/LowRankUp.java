package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import aviary.safetensors.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The second matrix of a low-rank pair, [in, out], which has few inputs and many outputs. Vectors
 * go along the outputs, so that no lanes have to be summed: {@code y[o] = sum_i x[i] W[i][o]}. Such
 * matrices are about a hundredth of the weights, and are kept as floats, in panels of {@value
 * #PANEL} outputs: a panel has all inputs, row by row, so that one row of activations with vectors
 * of 16 lanes reads it from its beginning to its end.
 *
 * @param panels W, [ceil(outs / 64), ins, 64]; what is missing in the last panel is 0
 * @param ins the number of inputs
 * @param outs the number of outputs
 */
record LowRankUp(float[] panels, int ins, int outs) {

  /** The outputs in a panel: a step's piece, so that workers take whole panels. */
  static final int PANEL = Step.CHANNELS_IN_PIECE;

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** The loops for one row of activations, and for four. */
  static final VectorLoop ONE = new VectorLoop();

  static final VectorLoop FOUR = new VectorLoop();

  /** The {@code index}-th matrix [in, out] of a tensor. */
  static LowRankUp of(Tensor tensor, int index, int ins, int outs) {
    float[] weights = new float[ins * outs];
    tensor.read((long) index * weights.length, weights, 0, weights.length);
    return of(weights, ins, outs);
  }

  /**
   * Puts W into panels.
   *
   * @param weights W, [ins, outs]
   */
  static LowRankUp of(float[] weights, int ins, int outs) {
    float[] panels = new float[Math.ceilDiv(outs, PANEL) * PANEL * ins];
    for (int first = 0; first < outs; first += PANEL) {
      int count = Math.min(PANEL, outs - first);
      for (int i = 0; i < ins; i++) {
        System.arraycopy(weights, i * outs + first, panels, first * ins + i * PANEL, count);
      }
    }
    return new LowRankUp(panels, ins, outs);
  }

  /**
   * Computes the results {@code from .. to} of all rows.
   *
   * @param from a multiple of {@link #PANEL}
   */
  void product(Rows x, int rows, Rows y, int from, int to) {
    for (int first = from; first < to; first += PANEL) {
      panel(x, rows, y, first, Math.min(PANEL, to - first));
    }
  }

  /** The results of a panel: {@code count} from the {@code first} on. */
  private void panel(Rows x, int rows, Rows y, int first, int count) {
    boolean isFast = (rows < 4 || FOUR.isFast()) && (rows % 4 == 0 || ONE.isFast());
    int whole = isFast ? Lanes.whole(count) : 0;
    vectors(x, rows, y, first, whole);
    plain(x, rows, y, first, whole, count);
  }

  /** The first {@code count} results of a panel, which fill vectors. */
  void vectors(Rows x, int rows, Rows y, int first, int count) {
    int panelAt = first * ins;
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      for (int o = 0; o < count; o += L) {
        four(x, y, row, panelAt + o, first + o);
      }
    }
    for (; row < rows; row++) {
      one(x.array(), x.begin(row), y.array(), y.begin(row) + first, panelAt, count);
    }
  }

  /** The results {@code from .. to} of a panel; as {@link #vectors}, to the bit. */
  void plain(Rows x, int rows, Rows y, int first, int from, int to) {
    int at = first * ins + from;
    for (int row = 0; row < rows && from < to; row++) {
      int yAt = y.begin(row) + first + from;
      PlainProducts.combine(
          panels, at, PANEL, x.array(), x.begin(row), ins, y.array(), yAt, to - from);
    }
  }

  /** A vector of results of four rows: a load of weights serves all four. */
  private void four(Rows x, Rows y, int row, int weightsAt, int o) {
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
      FloatVector w = FloatVector.fromArray(F, panels, weightsAt + i * PANEL);
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
  private void one(float[] x, int xAt, float[] y, int yAt, int panelAt, int whole) {
    int o = 0;
    for (; o + 4 * L <= whole; o += 4 * L) {
      FloatVector a = FloatVector.zero(F);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int i = 0; i < ins; i++) {
        FloatVector factor = FloatVector.broadcast(F, x[xAt + i]);
        int at = panelAt + i * PANEL + o;
        a = FloatVector.fromArray(F, panels, at).fma(factor, a);
        b = FloatVector.fromArray(F, panels, at + L).fma(factor, b);
        c = FloatVector.fromArray(F, panels, at + 2 * L).fma(factor, c);
        d = FloatVector.fromArray(F, panels, at + 3 * L).fma(factor, d);
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
            FloatVector.fromArray(F, panels, panelAt + i * PANEL + o)
                .fma(FloatVector.broadcast(F, x[xAt + i]), sum);
      }
      sum.intoArray(y, yAt + o);
    }
  }
}
