package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import java.util.Optional;

/**
 * Products of a matrix with rows of activations. How many rows there are decides which way is
 * fastest: {@link Matrix#times} for few, {@link ManyRows} or a library for many.
 *
 * @param blas who computes products of many rows; empty for {@link ManyRows}
 */
record MatrixProducts(Optional<Blas> blas) {

  /** With fewer rows the library's preparations do not pay. */
  private static final int LEAST_FOR_BLAS = 8;

  /**
   * {@code y[t][o] = sum_i W[o][i] x[t][i]} for the results {@code from .. to} of all rows.
   *
   * @param x rows of activations, one behind the other
   * @param y takes rows of results
   * @param count how many rows there are
   */
  void multiply(Matrix w, float[] x, float[] y, int count, int from, int to, Worker worker) {
    if (count < ManyRows.LEAST && isPlain(w, count)) {
      plain(w, x, y, count, from, to);
      return;
    }
    if (count == 1) {
      // The whole range: nothing is read twice, and rows read side by side are far apart.
      w.times(x, 0, y, 0, from, to, worker.scratch());
      return;
    }
    if (count < ManyRows.LEAST) {
      fewRows(w, x, y, count, from, to, worker.scratch());
      return;
    }
    Rows xs = new Rows(x, 0, w.ins());
    Rows ys = new Rows(y, 0, w.outs());
    if (count >= LEAST_FOR_BLAS && blas.isPresent() && blas.get().takes(w)) {
      blas.get().product(w, xs, count, ys, from, to, worker.room());
    } else if (!w.loops().many().isFast()) {
      PlainProducts.many(w, xs, count, ys, from, to);
    } else {
      ManyRows.product(w, xs, count, ys, from, to, worker.scratch());
    }
  }

  /** Whether a loop that few rows need is not compiled. */
  private static boolean isPlain(Matrix w, int count) {
    boolean fast =
        (count < 4 || w.loops().four().isFast()) && (count == 4 || w.loops().one().isFast());
    return !fast && w.ins() % w.step() == 0;
  }

  /** As {@link #fewRows}. */
  private static void plain(Matrix w, float[] x, float[] y, int count, int from, int to) {
    int row = 0;
    for (; row + 4 <= count; row += 4) {
      PlainProducts.four(w, x, row * w.ins(), y, row * w.outs(), from, to);
    }
    for (; row < count; row++) {
      PlainProducts.one(w, x, row * w.ins(), y, row * w.outs(), from, to);
    }
  }

  /**
   * Four rows at a time and then row by row, in pieces of the matrix that stay in the cache from
   * one time to the next.
   */
  private static void fewRows(
      Matrix w, float[] x, float[] y, int count, int from, int to, float[] scratch) {
    for (int o = from; o < to; o += Step.CHANNELS_IN_PIECE) {
      int end = Math.min(to, o + Step.CHANNELS_IN_PIECE);
      int row = 0;
      for (; row + 4 <= count && w.ins() % w.step() == 0; row += 4) {
        w.timesFour(x, row * w.ins(), y, row * w.outs(), o, end);
      }
      for (; row < count; row++) {
        w.times(x, row * w.ins(), y, row * w.outs(), o, end, scratch);
      }
    }
  }
}
