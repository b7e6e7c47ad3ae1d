package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a matrix with many rows of activations (prefill, and batches of sequences): {@code
 * y[t][o] = sum_i W[o][i] x[t][i]}.
 *
 * <p>A panel of some rows of the matrix is widened to floats once and then serves all rows of
 * activations, four by four: a tile of sixteen sums lives in registers, and eight loads feed
 * sixteen multiplications and additions. Larger tiles do not fit the registers, and measured
 * slower.
 */
final class ManyRows {

  /** The rows of the matrix in a panel: few, so that a panel stays in the second-level cache. */
  static final int PANEL = 8;

  private static final int TILE = 4;

  /**
   * With fewer rows, {@link Matrix#times} for each of them is faster, as {@code Steps.fewRows}
   * calls it: a piece of the matrix stays in the second-level cache from one row to the next.
   */
  static final int LEAST = TILE;

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private ManyRows() {}

  /** Rows of activations or of results in an array: row t begins at {@code at + t * stride}. */
  record Rows(float[] array, int at, int stride) {
    int begin(int row) {
      return at + row * stride;
    }
  }

  /** How many floats {@link #product} needs as {@code panel}. */
  static int panelSize(int ins) {
    return PANEL * ins;
  }

  /**
   * Computes the results {@code from .. to} of all rows.
   *
   * @param x the activations, {@code rows} of them
   * @param y takes the results, at their places in each row
   * @param panel room for {@link #panelSize} floats
   */
  static void product(Matrix w, Rows x, int rows, Rows y, int from, int to, float[] panel) {
    int ins = w.ins();
    float[] sums = new float[TILE * TILE * L];
    for (int o = from; o < to; o += PANEL) {
      int count = Math.min(PANEL, to - o);
      for (int p = 0; p < count; p++) {
        w.widen(o + p, panel, p * ins);
      }
      int t = 0;
      for (; t + TILE <= rows; t += TILE) {
        int p = 0;
        for (; p + TILE <= count; p += TILE) {
          tile(panel, p * ins, ins, x, t, sums);
          finish(sums, panel, p * ins, ins, x, y, t, o + p);
        }
        for (; p < count; p++) {
          for (int row = t; row < t + TILE; row++) {
            y.array[y.begin(row) + o + p] = dot(panel, p * ins, x.array, x.begin(row), ins);
          }
        }
      }
      for (; t < rows; t++) {
        row(panel, count, ins, x, y, t, o);
      }
    }
  }

  /** One row of activations with all rows of a panel. */
  private static void row(float[] panel, int count, int ins, Rows x, Rows y, int t, int o) {
    for (int p = 0; p < count; p++) {
      y.array[y.begin(t) + o + p] = dot(panel, p * ins, x.array, x.begin(t), ins);
    }
  }

  /** {@code sum_i a[aAt + i] b[bAt + i]}. */
  static float dot(float[] a, int aAt, float[] b, int bAt, int count) {
    FloatVector s = FloatVector.zero(F);
    FloatVector t = s;
    FloatVector u = s;
    FloatVector v = s;
    int i = 0;
    for (; i < count - count % (4 * L); i += 4 * L) {
      s = FloatVector.fromArray(F, a, aAt + i).fma(FloatVector.fromArray(F, b, bAt + i), s);
      t = FloatVector.fromArray(F, a, aAt + i + L).fma(FloatVector.fromArray(F, b, bAt + i + L), t);
      u =
          FloatVector.fromArray(F, a, aAt + i + 2 * L)
              .fma(FloatVector.fromArray(F, b, bAt + i + 2 * L), u);
      v =
          FloatVector.fromArray(F, a, aAt + i + 3 * L)
              .fma(FloatVector.fromArray(F, b, bAt + i + 3 * L), v);
    }
    for (; i < Lanes.whole(count); i += L) {
      s = FloatVector.fromArray(F, a, aAt + i).fma(FloatVector.fromArray(F, b, bAt + i), s);
    }
    float sum = Sums.one(s.add(t).add(u.add(v)));
    for (; i < count; i++) {
      sum += a[aAt + i] * b[bAt + i];
    }
    return sum;
  }

  /**
   * Four rows of activations, from the {@code t}-th, with four of a panel. The vectors of sums go
   * to {@code sums} to be summed elsewhere: the compiler takes only so much into one method, and a
   * vector that crosses from one to another becomes an object.
   */
  private static void tile(float[] w, int at, int ins, Rows x, int t, float[] sums) {
    float[] xs = x.array;
    int x0 = x.begin(t);
    int x1 = x0 + x.stride;
    int x2 = x1 + x.stride;
    int x3 = x2 + x.stride;
    int w1 = at + ins;
    int w2 = w1 + ins;
    int w3 = w2 + ins;
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    FloatVector s33 = s00;
    int whole = Lanes.whole(ins);
    for (int i = 0; i < whole; i += L) {
      FloatVector a = FloatVector.fromArray(F, w, at + i);
      FloatVector b = FloatVector.fromArray(F, w, w1 + i);
      FloatVector c = FloatVector.fromArray(F, w, w2 + i);
      FloatVector d = FloatVector.fromArray(F, w, w3 + i);
      FloatVector v = FloatVector.fromArray(F, xs, x0 + i);
      s00 = v.fma(a, s00);
      s01 = v.fma(b, s01);
      s02 = v.fma(c, s02);
      s03 = v.fma(d, s03);
      v = FloatVector.fromArray(F, xs, x1 + i);
      s10 = v.fma(a, s10);
      s11 = v.fma(b, s11);
      s12 = v.fma(c, s12);
      s13 = v.fma(d, s13);
      v = FloatVector.fromArray(F, xs, x2 + i);
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      s22 = v.fma(c, s22);
      s23 = v.fma(d, s23);
      v = FloatVector.fromArray(F, xs, x3 + i);
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
      s32 = v.fma(c, s32);
      s33 = v.fma(d, s33);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, L);
    s02.intoArray(sums, 2 * L);
    s03.intoArray(sums, 3 * L);
    s10.intoArray(sums, 4 * L);
    s11.intoArray(sums, 5 * L);
    s12.intoArray(sums, 6 * L);
    s13.intoArray(sums, 7 * L);
    s20.intoArray(sums, 8 * L);
    s21.intoArray(sums, 9 * L);
    s22.intoArray(sums, 10 * L);
    s23.intoArray(sums, 11 * L);
    s30.intoArray(sums, 12 * L);
    s31.intoArray(sums, 13 * L);
    s32.intoArray(sums, 14 * L);
    s33.intoArray(sums, 15 * L);
  }

  /** Writes a tile's sums to their places. */
  private static void finish(
      float[] sums, float[] w, int at, int ins, Rows x, Rows y, int t, int o) {
    for (int row = 0; row < TILE; row++) {
      Sums.four(sums, row * TILE * L, y.array, y.begin(t + row) + o);
    }
    if (Lanes.whole(ins) < ins) {
      addRest(w, at, ins, Lanes.whole(ins), x, y, t, o);
    }
  }

  /** The columns of a tile that fill no vector. */
  private static void addRest(float[] w, int at, int ins, int whole, Rows x, Rows y, int t, int o) {
    for (int row = 0; row < TILE; row++) {
      for (int p = 0; p < TILE; p++) {
        float sum = 0;
        for (int i = whole; i < ins; i++) {
          sum += w[at + p * ins + i] * x.array[x.begin(t + row) + i];
        }
        y.array[y.begin(t + row) + o + p] += sum;
      }
    }
  }
}
