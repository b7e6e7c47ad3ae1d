package aviary.training;

import aviary.cpu.Lanes;
import aviary.cpu.Sums;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The recurrence of one head of one sequence, forwards and backwards. With S [N, N] before a token
 * (key channel i, value channel j): {@code y[j] = sum_i r[i] (u[i] k[i] v[j] + S[i][j])}, and S
 * becomes {@code k[i] v[j] + w[i] S[i][j]}. With dS the gradient of S behind the token:
 *
 * <ul>
 *   <li>{@code dr[i] = u[i] k[i] (dy v) + sum_j S[i][j] dy[j]}
 *   <li>{@code dk[i] = r[i] u[i] (dy v) + sum_j dS[i][j] v[j]}
 *   <li>{@code du[i] += r[i] k[i] (dy v)}, {@code dw[i] = sum_j dS[i][j] S[i][j]}
 *   <li>{@code dv[j] = dy[j] sum_i r[i] u[i] k[i] + sum_i dS[i][j] k[i]}
 *   <li>and before the token dS is {@code w[i] dS[i][j] + r[i] dy[j]}.
 * </ul>
 *
 * <p>S is kept every {@link #interval} tokens on the way forwards and computed again from there
 * backwards, so that memory grows with the square root of the length. Backwards S lies by columns,
 * and dS both ways, so that no lanes have to be summed. Rows are padded with zeros to whole
 * vectors. An object is for one thread.
 */
final class WkvGradient {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private final int n;
  private final int width;
  private final int padded;
  private final int interval;
  private final float[] r;
  private final float[] k;
  private final float[] v;
  private final float[] w;
  private final float[] u;
  private final float[] y;
  private final float[] dr;
  private final float[] dk;
  private final float[] dv;
  private final float[] dw;
  private final float[] du;

  /** S before each token of an interval and behind the last, by columns. */
  private final float[][] states;

  private final float[] rows;
  private final float[] dRows;
  private final float[] dColumns;

  /** Arrays [rows, D] of the inputs, or of their gradients. */
  record Inputs(float[] r, float[] k, float[] v, float[] w) {}

  /**
   * @param n N
   * @param width D
   * @param length the tokens of a sequence
   */
  WkvGradient(int n, int width, int length) {
    this.n = n;
    this.width = width;
    padded = Math.ceilDiv(n, L) * L;
    interval = interval(length);
    r = new float[padded];
    k = new float[padded];
    v = new float[padded];
    w = new float[padded];
    u = new float[padded];
    y = new float[padded];
    dr = new float[padded];
    dk = new float[padded];
    dv = new float[padded];
    dw = new float[padded];
    du = new float[padded];
    states = new float[interval + 1][padded * padded];
    rows = new float[padded * padded];
    dRows = new float[padded * padded];
    dColumns = new float[padded * padded];
  }

  /** After how many tokens S is kept: the square root of their number. */
  static int interval(int length) {
    return (int) Math.ceil(Math.sqrt(length));
  }

  /** The floats of a head's kept states, [ceil(length / interval), N, N]. */
  static int keptSize(int n, int length) {
    return Math.ceilDiv(length, interval(length)) * n * n;
  }

  /**
   * Runs a head.
   *
   * @param bonus u of all heads [D]
   * @param out takes y [rows, D]
   * @param row the sequence's first row
   * @param head which of the heads
   * @param state S [N, N] at {@code stateAt}, which moves on
   * @param kept takes {@link #keptSize} floats at {@code keptAt}
   */
  void forward(
      Inputs in,
      float[] bonus,
      float[] out,
      int row,
      int length,
      int head,
      float[] state,
      int stateAt,
      float[] kept,
      int keptAt) {
    load(bonus, head * n, u);
    unpack(state, stateAt, rows);
    for (int t = 0; t < length; t++) {
      if (t % interval == 0) {
        pack(rows, kept, keptAt + t / interval * n * n);
      }
      int at = (row + t) * width + head * n;
      load(in, at);
      float own = own();
      for (int j = 0; j < padded; j += L) {
        FloatVector value = FloatVector.fromArray(F, v, j);
        FloatVector sum = value.mul(own);
        for (int i = 0, s = j; i < n; i++, s += padded) {
          FloatVector old = FloatVector.fromArray(F, rows, s);
          sum = old.fma(FloatVector.broadcast(F, r[i]), sum);
          old.fma(FloatVector.broadcast(F, w[i]), value.mul(k[i])).intoArray(rows, s);
        }
        sum.intoArray(y, j);
      }
      System.arraycopy(y, 0, out, at, n);
    }
    pack(rows, state, stateAt);
  }

  /**
   * Runs a head backwards.
   *
   * @param kept what {@link #forward} kept
   * @param dout dy [rows, D]
   * @param gradients take dr, dk, dv, dw [rows, D]
   * @param dbonus takes a sum, du of all heads [D]
   * @param dstate dS behind the last token [N, N], at {@code dstateAt}; becomes that before the
   *     first
   */
  void backward(
      Inputs in,
      float[] bonus,
      float[] kept,
      int keptAt,
      float[] dout,
      int row,
      int length,
      int head,
      Inputs gradients,
      float[] dbonus,
      float[] dstate,
      int dstateAt) {
    load(bonus, head * n, u);
    Arrays.fill(du, 0);
    unpack(dstate, dstateAt, dRows);
    exchange(dRows, dColumns);
    for (int begin = (length - 1) / interval * interval; begin >= 0; begin -= interval) {
      int end = Math.min(length, begin + interval);
      unpack(kept, keptAt + begin / interval * n * n, rows);
      exchange(rows, states[0]);
      for (int t = begin; t < end - 1; t++) {
        load(in, (row + t) * width + head * n);
        next(states[t - begin], states[t - begin + 1]);
      }
      for (int t = end - 1; t >= begin; t--) {
        int at = (row + t) * width + head * n;
        load(in, at);
        load(dout, at, y);
        alongKeys(states[t - begin]);
        alongValues();
        System.arraycopy(dr, 0, gradients.r, at, n);
        System.arraycopy(dk, 0, gradients.k, at, n);
        System.arraycopy(dv, 0, gradients.v, at, n);
        System.arraycopy(dw, 0, gradients.w, at, n);
      }
    }
    for (int i = 0; i < n; i++) {
      dbonus[head * n + i] += du[i];
    }
    pack(dRows, dstate, dstateAt);
  }

  private void load(Inputs in, int at) {
    load(in.r, at, r);
    load(in.k, at, k);
    load(in.v, at, v);
    load(in.w, at, w);
  }

  private void load(float[] from, int at, float[] to) {
    System.arraycopy(from, at, to, 0, n);
  }

  /** {@code sum_i r[i] u[i] k[i]}. */
  private float own() {
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < padded; i += L) {
      sum =
          FloatVector.fromArray(F, r, i)
              .mul(FloatVector.fromArray(F, u, i))
              .fma(FloatVector.fromArray(F, k, i), sum);
    }
    return Sums.one(sum);
  }

  /** {@code sum_j dy[j] v[j]}. */
  private float dyTimesV() {
    FloatVector sum = FloatVector.zero(F);
    for (int j = 0; j < padded; j += L) {
      sum = FloatVector.fromArray(F, y, j).fma(FloatVector.fromArray(F, v, j), sum);
    }
    return Sums.one(sum);
  }

  /** S behind a token from S before it, by columns. */
  private void next(float[] before, float[] behind) {
    for (int i = 0; i < padded; i += L) {
      FloatVector decay = FloatVector.fromArray(F, w, i);
      FloatVector key = FloatVector.fromArray(F, k, i);
      for (int j = 0, s = i; j < n; j++, s += padded) {
        FloatVector.fromArray(F, before, s).mul(decay).add(key.mul(v[j])).intoArray(behind, s);
      }
    }
  }

  /** dr, dk, dw and du of a token, with lanes along the key channels, and dS moves on. */
  private void alongKeys(float[] s) {
    float dyv = dyTimesV();
    for (int i = 0; i < padded; i += L) {
      FloatVector receptance = FloatVector.fromArray(F, r, i);
      FloatVector key = FloatVector.fromArray(F, k, i);
      FloatVector decay = FloatVector.fromArray(F, w, i);
      FloatVector bonus = FloatVector.fromArray(F, u, i);
      FloatVector ofR = bonus.mul(key).mul(dyv);
      FloatVector ofK = bonus.mul(receptance).mul(dyv);
      FloatVector ofW = FloatVector.zero(F);
      receptance.mul(key).mul(dyv).add(FloatVector.fromArray(F, du, i)).intoArray(du, i);
      for (int j = 0, at = i; j < n; j++, at += padded) {
        FloatVector state = FloatVector.fromArray(F, s, at);
        FloatVector d = FloatVector.fromArray(F, dColumns, at);
        FloatVector dy = FloatVector.broadcast(F, y[j]);
        ofR = state.fma(dy, ofR);
        ofK = d.fma(FloatVector.broadcast(F, v[j]), ofK);
        ofW = state.fma(d, ofW);
        d.fma(decay, receptance.mul(dy)).intoArray(dColumns, at);
      }
      ofR.intoArray(dr, i);
      ofK.intoArray(dk, i);
      ofW.intoArray(dw, i);
    }
  }

  /** dv of a token, with lanes along the value channels, and the other dS moves on. */
  private void alongValues() {
    float own = own();
    for (int j = 0; j < padded; j += L) {
      FloatVector dy = FloatVector.fromArray(F, y, j);
      FloatVector sum = dy.mul(own);
      for (int i = 0, at = j; i < n; i++, at += padded) {
        FloatVector d = FloatVector.fromArray(F, dRows, at);
        sum = d.fma(FloatVector.broadcast(F, k[i]), sum);
        d.fma(FloatVector.broadcast(F, w[i]), dy.mul(r[i])).intoArray(dRows, at);
      }
      sum.intoArray(dv, j);
    }
  }

  /** From [N, N] to rows that are padded. */
  private void unpack(float[] from, int at, float[] to) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(from, at + i * n, to, i * padded, n);
    }
  }

  private void pack(float[] from, float[] to, int at) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(from, i * padded, to, at + i * n, n);
    }
  }

  private void exchange(float[] from, float[] to) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        to[j * padded + i] = from[i * padded + j];
      }
    }
  }
}
