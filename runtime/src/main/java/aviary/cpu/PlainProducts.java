package aviary.cpu;

import aviary.cpu.ManyRows.Rows;
import java.util.Arrays;

/**
 * Products of matrices by loops over single numbers, for a program that has just started: see
 * {@link VectorLoop}. They add in the order in which the loops over vectors do, lane by lane, so
 * that results are the same to the bit.
 */
final class PlainProducts {
  private static final int L = Lanes.COUNT;

  /** The rows of a matrix that are decoded together, one column of all after the other. */
  private static final int PANEL = 64;

  private PlainProducts() {}

  /**
   * As {@link Matrix#times}.
   *
   * @param x of which the row of activations begins at {@code xAt}
   */
  static void one(Matrix w, float[] x, int xAt, float[] y, int yAt, int from, int to) {
    rows(w.plainRow(Arrays.copyOfRange(x, xAt, xAt + w.ins())), y, yAt, from, to);
  }

  /** As {@link Matrix#timesFour}. */
  static void four(Matrix w, float[] x, int xAt, float[] y, int yAt, int from, int to) {
    for (int t = 0; t < 4; t++) {
      int at = xAt + t * w.ins();
      float[] activations = Arrays.copyOfRange(x, at, at + w.ins());
      rows(w.plainRowOfFour(activations), y, yAt + t * w.outs(), from, to);
    }
  }

  private static void rows(Matrix.PlainRow row, float[] y, int yAt, int from, int to) {
    for (int o = from; o < to; o++) {
      y[yAt + o] = row.times(o);
    }
  }

  /**
   * The sum of products: each is first added to those of its lane.
   *
   * @param lanes room for the sum of each lane
   */
  static float dot(float[] weights, float[] x, float[] lanes) {
    Arrays.fill(lanes, 0);
    addProducts(weights, x, lanes);
    return sum(lanes);
  }

  /** Adds products to the sums of their lanes. */
  static void addProducts(float[] weights, float[] x, float[] lanes) {
    for (int i = 0; i < weights.length; i += lanes.length) {
      addProducts(weights, x, i, lanes);
    }
  }

  private static void addProducts(float[] weights, float[] x, int at, float[] lanes) {
    for (int lane = 0; lane < lanes.length; lane++) {
      lanes[lane] = Math.fma(weights[at + lane], x[at + lane], lanes[lane]);
    }
  }

  /** The sum of numbers as {@link Sums} adds lanes; overwrites them. */
  static float sum(float[] lanes) {
    for (int half = lanes.length / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[lane] += lanes[lane + half];
      }
    }
    return lanes[0];
  }

  /** As {@link ManyRows#product}. */
  static void many(Matrix w, Rows x, int rows, Rows y, int from, int to) {
    float[] weights = new float[w.ins()];
    float[] panel = new float[PANEL * w.ins()];
    for (int o = from; o < to; o += PANEL) {
      int count = Math.min(PANEL, to - o);
      for (int r = 0; r < count; r++) {
        w.decode(o + r, weights);
        for (int i = 0; i < weights.length; i++) {
          panel[i * PANEL + r] = weights[i];
        }
      }
      for (int t = 0; t < rows; t++) {
        combine(panel, 0, PANEL, x.array(), x.begin(t), w.ins(), y.array(), y.begin(t) + o, count);
      }
    }
  }

  /**
   * {@code y[yAt + o] = sum_i x[xAt + i] rows[at + i stride + o]}, row after row.
   *
   * @param ins how many rows there are
   * @param count how many results
   */
  static void combine(
      float[] rows,
      int at,
      int stride,
      float[] x,
      int xAt,
      int ins,
      float[] y,
      int yAt,
      int count) {
    Arrays.fill(y, yAt, yAt + count, 0);
    for (int i = 0; i < ins; i++) {
      addScaled(rows, at + i * stride, x[xAt + i], y, yAt, count);
    }
  }

  private static void addScaled(float[] row, int at, float factor, float[] y, int yAt, int count) {
    for (int o = 0; o < count; o++) {
      y[yAt + o] = Math.fma(row[at + o], factor, y[yAt + o]);
    }
  }
}
