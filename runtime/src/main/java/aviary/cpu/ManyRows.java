package aviary.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a matrix with many rows of activations (prefill, and batches of sequences): {@code
 * y[t][o] = sum_i W[o][i] x[t][i]}.
 *
 * <p>A panel, of two vectors of the matrix's rows and at most {@value #DEPTH} of its columns, is
 * widened to floats once, column by column, and then serves all rows of activations, eight by
 * eight: a tile of sixteen vectors of sums lives in registers, and no lanes are ever summed. Each
 * sum grows column by column, so that a result depends neither on how work is shared nor on the
 * other rows.
 */
final class ManyRows {

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** The rows of the matrix in a panel. */
  static final int PANEL = 2 * L;

  /** The most columns in a panel: with more it would leave the second-level cache. */
  static final int DEPTH = 1024;

  /** The rows of activations in a tile. */
  private static final int TILE = 8;

  /**
   * With fewer rows, {@link Matrix#timesFour} and {@link Matrix#times} are faster, as {@link
   * MatrixProducts} calls them: a piece of the matrix stays in the second-level cache from one time
   * to the next.
   */
  static final int LEAST = 6;

  private ManyRows() {}

  /** Rows of activations or of results in an array: row t begins at {@code at + t * stride}. */
  record Rows(float[] array, int at, int stride) {
    int begin(int row) {
      return at + row * stride;
    }
  }

  /** How many floats {@link #product} needs as {@code panel}. */
  static int panelSize(int ins) {
    return PANEL * Math.min(ins, DEPTH);
  }

  /**
   * Computes the results {@code from .. to} of all rows.
   *
   * @param x the activations, {@code rows} of them
   * @param y takes the results, at their places in each row
   * @param panel room for {@link #panelSize} floats
   */
  static void product(Matrix w, Rows x, int rows, Rows y, int from, int to, float[] panel) {
    float[] edge = new float[TILE * PANEL];
    for (int o = from; o < to; o += PANEL) {
      int count = Math.min(PANEL, to - o);
      for (int column = 0; column < w.ins(); column += DEPTH) {
        int depth = Math.min(DEPTH, w.ins() - column);
        widen(w, o, count, column, depth, panel);
        for (int t = 0; t < rows; t += TILE) {
          int xAt = x.begin(t) + column;
          int yAt = y.begin(t) + o;
          int last = x.begin(rows - 1) + column;
          if (count == PANEL && t + TILE <= rows) {
            tile(panel, depth, x.array, xAt, x.stride, 1, last, y.array, yAt, y.stride, column > 0);
          } else {
            int some = Math.min(TILE, rows - t);
            copy(y.array, yAt, y.stride, edge, 0, PANEL, some, count);
            tile(panel, depth, x.array, xAt, x.stride, 1, last, edge, 0, PANEL, column > 0);
            copy(edge, 0, PANEL, y.array, yAt, y.stride, some, count);
          }
        }
      }
    }
  }

  /** Adds the product of a whole panel, which has {@code depth} columns, and eight rows. */
  static void addProduct(float[] panel, Rows x, Rows y, int depth) {
    int last = x.begin(TILE - 1);
    tile(panel, depth, x.array, x.at, x.stride, 1, last, y.array, y.at, y.stride, true);
  }

  static void copy(
      float[] from, int at, int stride, float[] to, int toAt, int toStride, int rows, int count) {
    for (int row = 0; row < rows; row++) {
      System.arraycopy(from, at + row * stride, to, toAt + row * toStride, count);
    }
  }

  /**
   * Makes a panel, [depth, {@link #PANEL}], of the rows {@code row .. row + count} of the matrix
   * and zeros, from a column on.
   */
  private static void widen(Matrix w, int row, int count, int column, int depth, float[] panel) {
    int tiled = 0;
    if (IntTile.isPossible() && count == PANEL) {
      int columns = IntTile.SIZE * w.weightsInInt();
      tiled = depth / columns * columns;
      int[] tile = new int[IntTile.SIZE * IntTile.SIZE];
      long stride = 4L * w.ins() / w.weightsInInt();
      for (int r = 0; r < PANEL; r += L) {
        for (int c = 0; c < tiled; c += columns) {
          long at = (row + r) * stride + 4L * (column + c) / w.weightsInInt();
          IntTile.transpose(w.data(), at, stride, tile);
          w.widenTile(tile, row + r, column + c, panel, c * PANEL + r, PANEL);
        }
      }
    }
    if (tiled < depth) {
      widenRest(w, row, count, column, depth, tiled, panel);
    }
  }

  /** Row by row, for matrices and vectors of other sizes. */
  private static void widenRest(
      Matrix w, int row, int count, int column, int depth, int from, float[] panel) {
    if (count < PANEL) {
      Arrays.fill(panel, 0, depth * PANEL, 0);
    }
    float[] numbers = new float[w.ins()];
    for (int r = 0; r < count; r++) {
      w.widen(row + r, numbers, 0);
      for (int c = from; c < depth; c++) {
        panel[c * PANEL + r] = numbers[column + c];
      }
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
   * Eight rows of activations with a panel. Where there are fewer, the last is taken again.
   *
   * @param w the panel
   * @param x where the first row's numbers begin
   * @param xStep how far apart two numbers of a row are
   * @param last where the last row's do
   * @param more whether the results that are there are added to
   */
  static void tile(
      float[] w,
      int depth,
      float[] xs,
      int x,
      int xStride,
      int xStep,
      int last,
      float[] ys,
      int y,
      int yStride,
      boolean more) {
    int x1 = Math.min(x + xStride, last);
    int x2 = Math.min(x + 2 * xStride, last);
    int x3 = Math.min(x + 3 * xStride, last);
    int x4 = Math.min(x + 4 * xStride, last);
    int x5 = Math.min(x + 5 * xStride, last);
    int x6 = Math.min(x + 6 * xStride, last);
    int x7 = Math.min(x + 7 * xStride, last);
    FloatVector a0 = FloatVector.zero(F);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    FloatVector a4 = a0;
    FloatVector b4 = a0;
    FloatVector a5 = a0;
    FloatVector b5 = a0;
    FloatVector a6 = a0;
    FloatVector b6 = a0;
    FloatVector a7 = a0;
    FloatVector b7 = a0;
    if (more) {
      a0 = FloatVector.fromArray(F, ys, y);
      b0 = FloatVector.fromArray(F, ys, y + L);
      a1 = FloatVector.fromArray(F, ys, y + yStride);
      b1 = FloatVector.fromArray(F, ys, y + yStride + L);
      a2 = FloatVector.fromArray(F, ys, y + 2 * yStride);
      b2 = FloatVector.fromArray(F, ys, y + 2 * yStride + L);
      a3 = FloatVector.fromArray(F, ys, y + 3 * yStride);
      b3 = FloatVector.fromArray(F, ys, y + 3 * yStride + L);
      a4 = FloatVector.fromArray(F, ys, y + 4 * yStride);
      b4 = FloatVector.fromArray(F, ys, y + 4 * yStride + L);
      a5 = FloatVector.fromArray(F, ys, y + 5 * yStride);
      b5 = FloatVector.fromArray(F, ys, y + 5 * yStride + L);
      a6 = FloatVector.fromArray(F, ys, y + 6 * yStride);
      b6 = FloatVector.fromArray(F, ys, y + 6 * yStride + L);
      a7 = FloatVector.fromArray(F, ys, y + 7 * yStride);
      b7 = FloatVector.fromArray(F, ys, y + 7 * yStride + L);
    }
    int at = 0;
    int i = 0;
    for (int column = 0; column < depth; column++) {
      FloatVector a = FloatVector.fromArray(F, w, at);
      FloatVector b = FloatVector.fromArray(F, w, at + L);
      at += 2 * L;
      FloatVector v = FloatVector.broadcast(F, xs[x + i]);
      a0 = a.fma(v, a0);
      b0 = b.fma(v, b0);
      v = FloatVector.broadcast(F, xs[x1 + i]);
      a1 = a.fma(v, a1);
      b1 = b.fma(v, b1);
      v = FloatVector.broadcast(F, xs[x2 + i]);
      a2 = a.fma(v, a2);
      b2 = b.fma(v, b2);
      v = FloatVector.broadcast(F, xs[x3 + i]);
      a3 = a.fma(v, a3);
      b3 = b.fma(v, b3);
      v = FloatVector.broadcast(F, xs[x4 + i]);
      a4 = a.fma(v, a4);
      b4 = b.fma(v, b4);
      v = FloatVector.broadcast(F, xs[x5 + i]);
      a5 = a.fma(v, a5);
      b5 = b.fma(v, b5);
      v = FloatVector.broadcast(F, xs[x6 + i]);
      a6 = a.fma(v, a6);
      b6 = b.fma(v, b6);
      v = FloatVector.broadcast(F, xs[x7 + i]);
      a7 = a.fma(v, a7);
      b7 = b.fma(v, b7);
      i += xStep;
    }
    a0.intoArray(ys, y);
    b0.intoArray(ys, y + L);
    a1.intoArray(ys, y + yStride);
    b1.intoArray(ys, y + yStride + L);
    a2.intoArray(ys, y + 2 * yStride);
    b2.intoArray(ys, y + 2 * yStride + L);
    a3.intoArray(ys, y + 3 * yStride);
    b3.intoArray(ys, y + 3 * yStride + L);
    a4.intoArray(ys, y + 4 * yStride);
    b4.intoArray(ys, y + 4 * yStride + L);
    a5.intoArray(ys, y + 5 * yStride);
    b5.intoArray(ys, y + 5 * yStride + L);
    a6.intoArray(ys, y + 6 * yStride);
    b6.intoArray(ys, y + 6 * yStride + L);
    a7.intoArray(ys, y + 7 * yStride);
    b7.intoArray(ys, y + 7 * yStride + L);
  }
}
