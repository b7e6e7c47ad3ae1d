package aviary.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The recurrence of one head over the tokens of one sequence. With S [N, N] (key channel i, value
 * channel j): {@code y[j] = sum_i r[i] (u[i] k[i] v[j] + S[i][j])}, then {@code S[i][j] = k[i] v[j]
 * + w[i] S[i][j]}.
 *
 * <p>The bonus part is one number a token: {@code y[j] = v[j] sum_i r[i] u[i] k[i] + sum_i r[i]
 * S[i][j]}. So a token reads and writes each number of S once, along the value channels.
 */
final class WkvKernel {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /** The loop over a head's state. */
  static final VectorLoop LOOP = new VectorLoop();

  private final int width;
  private final int n;
  private final float[] bonus;

  /** Receptance, key, value and decay, each [rows, D]. */
  record Inputs(float[] r, float[] k, float[] v, float[] w) {}

  /**
   * @param width D
   * @param n N, the size of a head
   * @param bonus u [D]
   */
  WkvKernel(int width, int n, float[] bonus) {
    this.width = width;
    this.n = n;
    this.bonus = bonus;
  }

  /** N. */
  int headSize() {
    return n;
  }

  /** The multiply-adds of a head and token. */
  int work() {
    return 2 * n * n;
  }

  /**
   * Runs a head over rows of activations, and moves S on.
   *
   * @param y takes the results [rows, D]
   * @param begin the sequence's first row
   * @param rows how many it has
   * @param head which head
   * @param states the sequence's S of all heads, [.., N, N]
   * @param firstHead which of those is the layer's first
   */
  void run(Inputs in, float[] y, int begin, int rows, int head, float[] states, int firstHead) {
    int channel = head * n;
    int stateAt = (firstHead + head) * n * n;
    for (int row = begin; row < begin + rows; row++) {
      token(in, y, row * width + channel, channel, states, stateAt);
    }
  }

  private void token(Inputs in, float[] y, int at, int channel, float[] state, int stateAt) {
    float own = 0;
    for (int i = 0; i < n; i++) {
      own += in.r[at + i] * bonus[channel + i] * in.k[at + i];
    }
    int whole = LOOP.whole(n);
    vectors(in, y, at, own, whole, state, stateAt);
    plain(in, y, at, own, whole, state, stateAt);
  }

  /** The first {@code to} value channels, which fill vectors. */
  void vectors(Inputs in, float[] y, int at, float own, int to, float[] state, int stateAt) {
    float[] r = in.r;
    float[] k = in.k;
    float[] v = in.v;
    float[] w = in.w;
    for (int j = 0; j < to; j += L) {
      FloatVector value = FloatVector.fromArray(F, v, at + j);
      FloatVector sum = value.mul(own);
      int s = stateAt + j;
      for (int i = 0; i < n; i++, s += n) {
        FloatVector old = FloatVector.fromArray(F, state, s);
        sum = old.fma(FloatVector.broadcast(F, r[at + i]), sum);
        old.fma(FloatVector.broadcast(F, w[at + i]), value.mul(k[at + i])).intoArray(state, s);
      }
      sum.intoArray(y, at + j);
    }
  }

  /** The value channels from {@code from} on; as {@link #vectors}, to the bit. */
  void plain(Inputs in, float[] y, int at, float own, int from, float[] state, int stateAt) {
    if (from == n) {
      return;
    }
    for (int j = from; j < n; j++) {
      y[at + j] = in.v[at + j] * own;
    }
    for (int i = 0; i < n; i++) {
      plainRow(in, y, at, i, from, state, stateAt + i * n);
    }
  }

  private void plainRow(Inputs in, float[] y, int at, int i, int from, float[] state, int stateAt) {
    float[] v = in.v;
    float r = in.r[at + i];
    float k = in.k[at + i];
    float w = in.w[at + i];
    for (int j = from; j < n; j++) {
      float old = state[stateAt + j];
      y[at + j] = Math.fma(old, r, y[at + j]);
      state[stateAt + j] = Math.fma(old, w, v[at + j] * k);
    }
  }
}
