package aviary.reference;

import static aviary.model.Op.MatMul.Layout.OUT_IN;

import aviary.model.Op;
import java.util.Arrays;

/**
 * The operations of a {@link aviary.model.Program} on plain arrays, each as its formula stands. A
 * row is one token's vector; matrices are row-major.
 *
 * <p>The formulas are those of Peng et al. 2024, "Eagle and Finch: RWKV with Matrix-Valued States
 * and Dynamic Recurrence" (arXiv 2404.05892).
 */
public final class ReferenceOps {
  private ReferenceOps() {}

  /**
   * {@code out = table[token]}.
   *
   * @param table [V, D]
   * @param token which row
   * @param width D
   */
  public static double[] embed(double[] table, int token, int width) {
    return Arrays.copyOfRange(table, token * width, (token + 1) * width);
  }

  /**
   * {@code out = (x - mean(x)) / sqrt(variance(x) + epsilon) * scale + bias}; the variance is the
   * mean of the squared distances from the mean, not divided by one less.
   */
  public static double[] layerNorm(double[] x, double epsilon, double[] scale, double[] bias) {
    return groupNorm(x, 1, epsilon, scale, bias);
  }

  /**
   * As {@link #layerNorm}, with mean and variance of each of {@code groups} equal parts of the row.
   */
  public static double[] groupNorm(
      double[] x, int groups, double epsilon, double[] scale, double[] bias) {
    double[] out = new double[x.length];
    int size = x.length / groups;
    for (int start = 0; start < x.length; start += size) {
      double mean = 0;
      for (int i = start; i < start + size; i++) {
        mean += x[i] / size;
      }
      double variance = 0;
      for (int i = start; i < start + size; i++) {
        variance += (x[i] - mean) * (x[i] - mean) / size;
      }
      for (int i = start; i < start + size; i++) {
        out[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * scale[i] + bias[i];
      }
    }
    return out;
  }

  /** {@code out[i] = from[i] + (to[i] - from[i]) * amount[i]}. */
  public static double[] lerp(double[] from, double[] to, double[] amount) {
    double[] out = new double[from.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = from[i] + (to[i] - from[i]) * amount[i];
    }
    return out;
  }

  /**
   * One of the data-dependent lerps: {@code out[i] = from[i] + (to[i] - from[i]) * (amount[i] +
   * sum_j lora[c R + j] up[c][j][i])}.
   *
   * @param lora [5 R]
   * @param up [5, R, D]
   * @param c which of the five
   * @param rank R
   */
  public static double[] ddLerp(
      double[] from, double[] to, double[] amount, double[] lora, double[] up, int c, int rank) {
    int width = from.length;
    double[] shifted = amount.clone();
    for (int j = 0; j < rank; j++) {
      for (int i = 0; i < width; i++) {
        shifted[i] += lora[c * rank + j] * up[(c * rank + j) * width + i];
      }
    }
    return lerp(from, to, shifted);
  }

  /**
   * {@code out[o] = sum_i W[o][i] x[i]}.
   *
   * @param weight W, [out, in] or [in, out] as {@code layout} says
   * @param out the length of the result
   */
  public static double[] matmul(double[] weight, Op.MatMul.Layout layout, double[] x, int out) {
    int in = x.length;
    double[] y = new double[out];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        y[o] += weight[layout == OUT_IN ? o * in + i : i * out + o] * x[i];
      }
    }
    return y;
  }

  /** The function, applied to each number. */
  public static double[] activate(Op.Activation activation, double[] x) {
    return Arrays.stream(x).map(number -> activate(activation, number)).toArray();
  }

  /** The function's value at {@code x}. */
  public static double activate(Op.Activation activation, double x) {
    return switch (activation) {
      case NONE -> x;
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case SILU -> x / (1 + Math.exp(-x));
      case SQUARED_RELU -> Math.max(x, 0) * Math.max(x, 0);
    };
  }

  /** Eagle's decay: {@code out[i] = exp(-exp(base[i]))}. */
  public static double[] fixedDecay(double[] base) {
    return decay(new double[base.length], base);
  }

  /** Finch's decay: {@code out[i] = exp(-exp(base[i] + x[i]))}. */
  public static double[] decay(double[] x, double[] base) {
    double[] out = new double[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.exp(-Math.exp(base[i] + x[i]));
    }
    return out;
  }

  /**
   * One token of the recurrence. In each head, for all value channels j: {@code out[j] = sum_i r[i]
   * (bonus[i] k[i] v[j] + S[i][j])}, then {@code S[i][j] = k[i] v[j] + decay[i] S[i][j]}.
   *
   * @param r receptance, [H, N], as {@code k} (key), {@code v} (value), {@code decay}, {@code
   *     bonus}
   * @param headSize N
   * @param state S, [H, N, N] (key channel, value channel); moved on
   */
  public static double[] wkv(
      double[] r,
      double[] k,
      double[] v,
      double[] decay,
      double[] bonus,
      int headSize,
      double[] state) {
    double[] out = new double[r.length];
    for (int head = 0; head < r.length; head += headSize) {
      for (int i = head; i < head + headSize; i++) {
        for (int j = head; j < head + headSize; j++) {
          int s = i * headSize + j - head;
          out[j] += r[i] * (bonus[i] * k[i] * v[j] + state[s]);
          state[s] = k[i] * v[j] + decay[i] * state[s];
        }
      }
    }
    return out;
  }

  /** {@code out[i] = a[i] * b[i]}. */
  public static double[] multiply(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] * b[i];
    }
    return out;
  }

  /** {@code out[i] = a[i] + b[i]}. */
  public static double[] add(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] + b[i];
    }
    return out;
  }

  /** The same numbers as doubles. */
  public static double[] toDoubles(float[] x) {
    double[] out = new double[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = x[i];
    }
    return out;
  }

  /** The nearest floats. */
  public static float[] toFloats(double[] x) {
    float[] out = new float[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) x[i];
    }
    return out;
  }
}
