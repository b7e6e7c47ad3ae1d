package aviary.agreement;

import aviary.engine.StateData;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * RWKV-5 and RWKV-6 once more, from the paper's formulas straight to code, one token at a time and
 * without a {@link aviary.model.Program}: a second opinion on the programs and on the engine that
 * walks them. It shares no code with either.
 *
 * <p>Source: Peng et al. 2024, "Eagle and Finch: RWKV with Matrix-Valued States and Dynamic
 * Recurrence" (arXiv 2404.05892).
 */
final class StraightLine {
  private final Model model;
  private final ModelConfig c;
  private final double[][] attShift;
  private final double[][] ffnShift;
  private final double[][][][] s;
  private String block = "";

  StraightLine(Model model) {
    this.model = model;
    c = model.config();
    attShift = new double[c.layers()][c.width()];
    ffnShift = new double[c.layers()][c.width()];
    s = new double[c.layers()][c.heads()][c.headSize()][c.headSize()];
  }

  /** The state, rounded to float32. */
  StateData state() {
    double[] wkv =
        Arrays.stream(s)
            .flatMap(Arrays::stream)
            .flatMap(Arrays::stream)
            .flatMapToDouble(Arrays::stream)
            .toArray();
    return new StateData(
        c.layers(),
        c.width(),
        c.heads(),
        c.headSize(),
        rows(attShift),
        rows(ffnShift),
        floats(wkv));
  }

  private static float[] rows(double[][] rows) {
    return floats(Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
  }

  private static float[] floats(double[] numbers) {
    float[] out = new float[numbers.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) numbers[i];
    }
    return out;
  }

  /** Takes in one token and returns the logits after it. */
  double[] next(int token) {
    block = "";
    double[] emb = weight("emb.weight");
    double[] x = Arrays.copyOfRange(emb, token * c.width(), (token + 1) * c.width());
    block = "blocks.0.";
    x = layerNorm(x, "ln0");
    for (int l = 0; l < c.layers(); l++) {
      block = "blocks." + l + ".";
      double[] a = layerNorm(x, "ln1");
      double[] mixed = c.architecture() == Architecture.FINCH ? finch(a, l) : eagle(a, l);
      attShift[l] = a;
      x = plus(x, mixed);
      double[] b = layerNorm(x, "ln2");
      x = plus(x, channelMix(b, ffnShift[l]));
      ffnShift[l] = b;
    }
    block = "";
    return apply("head.weight", layerNorm(x, "ln_out"));
  }

  private double[] eagle(double[] a, int l) {
    double[] p = attShift[l];
    double[] r = apply("att.receptance.weight", mix(a, p, "att.time_mix_r"));
    double[] k = apply("att.key.weight", mix(a, p, "att.time_mix_k"));
    double[] v = apply("att.value.weight", mix(a, p, "att.time_mix_v"));
    double[] w = channels("att.time_decay", base -> Math.exp(-Math.exp(base)));
    boolean second = c.decay().equals(DecayForm.PER_CHANNEL);
    double[] u =
        second ? weight("att.time_faaaa") : channels("att.time_first", first -> Math.exp(first));
    double[] o = groupNorm(heads(r, k, v, w, u, s[l]));
    if (c.gated()) {
      o = gate(o, apply("att.gate.weight", mix(a, p, "att.time_mix_g")));
    }
    return apply("att.output.weight", o);
  }

  private double[] finch(double[] a, int l) {
    double[] p = attShift[l];
    double[] maaX = weight("att.time_maa_x");
    double[] b = new double[c.width()];
    for (int i = 0; i < b.length; i++) {
      b[i] = a[i] + (p[i] - a[i]) * maaX[i];
    }
    double[] lora = tanh(timesColumns(b, "att.time_maa_w1", 0, 5 * c.mixRank()));
    double[] xw = ddlerp(a, p, lora, 0, "att.time_maa_w");
    double[] k = apply("att.key.weight", ddlerp(a, p, lora, 1, "att.time_maa_k"));
    double[] v = apply("att.value.weight", ddlerp(a, p, lora, 2, "att.time_maa_v"));
    double[] r = apply("att.receptance.weight", ddlerp(a, p, lora, 3, "att.time_maa_r"));
    double[] g = apply("att.gate.weight", ddlerp(a, p, lora, 4, "att.time_maa_g"));
    double[] low = tanh(timesColumns(xw, "att.time_decay_w1", 0, c.decayRank()));
    double[] w =
        plus(weight("att.time_decay"), timesColumns(low, "att.time_decay_w2", 0, c.width()));
    for (int i = 0; i < w.length; i++) {
      w[i] = Math.exp(-Math.exp(w[i]));
    }
    double[] o = groupNorm(heads(r, k, v, w, weight("att.time_faaaa"), s[l]));
    return apply("att.output.weight", gate(o, g));
  }

  private double[] ddlerp(double[] a, double[] p, double[] lora, int which, String maa) {
    int rank = c.mixRank();
    double[] part = Arrays.copyOfRange(lora, which * rank, (which + 1) * rank);
    double[] amount = plus(weight(maa), timesColumns(part, "att.time_maa_w2", which, c.width()));
    double[] out = new double[c.width()];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] + (p[i] - a[i]) * amount[i];
    }
    return out;
  }

  private double[] heads(
      double[] r, double[] k, double[] v, double[] w, double[] u, double[][][] state) {
    int n = c.headSize();
    double[] y = new double[c.width()];
    for (int h = 0; h < c.heads(); h++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += r[h * n + i] * (u[h * n + i] * k[h * n + i] * v[h * n + j] + state[h][i][j]);
        }
        y[h * n + j] = sum;
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          state[h][i][j] = k[h * n + i] * v[h * n + j] + w[h * n + i] * state[h][i][j];
        }
      }
    }
    return y;
  }

  private double[] channelMix(double[] a, double[] p) {
    boolean finch = c.architecture() == Architecture.FINCH;
    // To mix towards p by maa is to mix towards a by 1 - maa.
    double[] xk = finch ? mix(p, a, "ffn.time_maa_k") : mix(a, p, "ffn.time_mix_k");
    double[] xr = finch ? mix(p, a, "ffn.time_maa_r") : mix(a, p, "ffn.time_mix_r");
    double[] k = apply("ffn.key.weight", xk);
    for (int i = 0; i < k.length; i++) {
      k[i] = k[i] > 0 ? k[i] * k[i] : 0;
    }
    double[] out = apply("ffn.value.weight", k);
    double[] r = apply("ffn.receptance.weight", xr);
    for (int i = 0; i < out.length; i++) {
      out[i] *= 1 / (1 + Math.exp(-r[i]));
    }
    return out;
  }

  private double[] mix(double[] a, double[] p, String name) {
    double[] amount = weight(name);
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] * amount[i] + p[i] * (1 - amount[i]);
    }
    return out;
  }

  /** {@code o * silu(g)}. */
  private static double[] gate(double[] o, double[] g) {
    double[] out = new double[o.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = o[i] * g[i] * (1 / (1 + Math.exp(-g[i])));
    }
    return out;
  }

  private double[] layerNorm(double[] x, String name) {
    return norm(x, 0, x.length, 1e-5, weight(name + ".weight"), weight(name + ".bias"));
  }

  private double[] groupNorm(double[] y) {
    double epsilon = 1e-5 * c.headSizeDivisor() * c.headSizeDivisor();
    double[] out = new double[y.length];
    for (int at = 0; at < y.length; at += c.headSize()) {
      double[] group =
          norm(y, at, c.headSize(), epsilon, weight("att.ln_x.weight"), weight("att.ln_x.bias"));
      System.arraycopy(group, 0, out, at, group.length);
    }
    return out;
  }

  private static double[] norm(
      double[] x, int at, int count, double epsilon, double[] scale, double[] bias) {
    double[] part = Arrays.copyOfRange(x, at, at + count);
    double mean = Arrays.stream(part).average().orElseThrow();
    double variance = Arrays.stream(part).map(n -> (n - mean) * (n - mean)).average().orElseThrow();
    for (int i = 0; i < count; i++) {
      part[i] = (part[i] - mean) / Math.sqrt(variance + epsilon) * scale[at + i] + bias[at + i];
    }
    return part;
  }

  /** {@code W x}, W [out, in]. */
  private double[] apply(String name, double[] x) {
    double[] w = weight(name);
    double[] out = new double[w.length / x.length];
    for (int i = 0; i < w.length; i++) {
      out[i / x.length] += w[i] * x[i % x.length];
    }
    return out;
  }

  /** {@code x @ W[which]}, W [.., in, out]. */
  private double[] timesColumns(double[] x, String name, int which, int out) {
    double[] w = weight(name);
    double[] y = new double[out];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < out; j++) {
        y[j] += x[i] * w[(which * x.length + i) * out + j];
      }
    }
    return y;
  }

  private static double[] tanh(double[] x) {
    return Arrays.stream(x).map(Math::tanh).toArray();
  }

  private static double[] plus(double[] a, double[] b) {
    double[] out = a.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] += b[i];
    }
    return out;
  }

  /** A function of a weight that holds a number a channel, or only one a head. */
  private double[] channels(String name, DoubleUnaryOperator function) {
    double[] stored = weight(name);
    double[] out = new double[c.width()];
    for (int i = 0; i < out.length; i++) {
      out[i] = function.applyAsDouble(stored[i * stored.length / out.length]);
    }
    return out;
  }

  private double[] weight(String name) {
    Tensor tensor = model.tensor(block + name);
    double[] out = new double[(int) tensor.elements()];
    boolean q8 = tensor.dtype() == DType.I8;
    float[] numbers = q8 ? model.tensor(block + name + ".scale").toFloats() : tensor.toFloats();
    int columns = (int) tensor.shape()[tensor.shape().length - 1];
    int at = 0;
    for (int row = 0; row < out.length / columns; row++) {
      for (int column = 0; column < columns; column++, at++) {
        int blocks = (columns + 31) / 32;
        out[at] =
            q8
                ? (double) tensor.data().get(ValueLayout.JAVA_BYTE, at)
                    * numbers[row * blocks + column / 32]
                : numbers[at];
      }
    }
    return out;
  }
}
