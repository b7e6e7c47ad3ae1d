package aviary.model;

import java.util.List;

/**
 * One operation of a {@link Program}. Every operation works on all rows (tokens) of its inputs;
 * only {@link TokenShift} and {@link Wkv} carry something from one row of a sequence to the next,
 * and that is the sequence's state.
 *
 * <p>The formulas are those of Peng et al. 2024, "Eagle and Finch: RWKV with Matrix-Valued States
 * and Dynamic Recurrence" (arXiv 2404.05892). Rows are vectors of D channels unless said otherwise.
 */
public sealed interface Op {

  /** The row of {@code table} [V, D] that belongs to the token. */
  record Embed(Weight table, Value out) implements Op {}

  /** {@code (in - mean) / sqrt(variance + 1e-5) * scale + bias} over the row. */
  record LayerNorm(Value in, Weight scale, Weight bias, Value out) implements Op {

    /** What is added to the variance. */
    public static final float EPSILON = 1e-5f;
  }

  /** The sequence's previous row of {@code in}; the state's row for the first. */
  record TokenShift(Value in, Slot slot, Value out) implements Op {

    /** Which of a layer's two shifted rows of the state it is. */
    public enum Slot {
      ATT,
      FFN
    }
  }

  /** {@code from + (to - from) * amount}, channel by channel. */
  record Lerp(Value from, Value to, Weight amount, Value out) implements Op {}

  /**
   * The data-dependent lerps of Finch: with {@code lora} [5 R] seen as five rows of R, for each
   * {@code c}: {@code out_c = from + (to - from) * (amount_c + lora_c up_c)}.
   *
   * @param up [5, R, D]
   * @param amounts five weights [D]
   * @param outs five values, in the order of {@code up}
   */
  record DdLerp(Value from, Value to, Value lora, Weight up, List<Weight> amounts, List<Value> outs)
      implements Op {}

  /** {@code activation(W in)}. */
  record MatMul(Value in, Weight weight, Layout layout, Activation activation, Value out)
      implements Op {

    /** How the matrix lies in its tensor. */
    public enum Layout {
      /** [out, in], as in {@code torch.nn.Linear}. */
      OUT_IN,
      /** [in, out], as the LoRA matrices. */
      IN_OUT
    }
  }

  /** A function of one number. */
  enum Activation {
    NONE,
    TANH,
    SIGMOID,
    /** {@code x sigmoid(x)}. */
    SILU,
    /** {@code max(x, 0)^2}. */
    SQUARED_RELU
  }

  /** Eagle's decay, the same for every token: {@code out = exp(-exp(base))}, [H, N]. */
  record FixedDecay(Weight base, Value out) implements Op {}

  /** Finch's decay: {@code out = exp(-exp(base + in))}, [H, N]. */
  record Decay(Value in, Weight base, Value out) implements Op {}

  /**
   * The recurrence. For each head with its state S [N, N] (key channel i, value channel j), token
   * by token: {@code out[j] = sum_i r[i] (bonus[i] k[i] v[j] + S[i][j])}, then {@code S[i][j] =
   * k[i] v[j] + decay[i] S[i][j]}.
   *
   * @param bonus [H, N]
   */
  record Wkv(Value receptance, Value key, Value value, Value decay, Weight bonus, Value out)
      implements Op {}

  /**
   * A layer norm of each of {@code groups} equal parts of the row, with a scale and bias a channel.
   */
  record GroupNorm(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out)
      implements Op {}

  /** {@code a * b}, channel by channel. */
  record Multiply(Value a, Value b, Value out) implements Op {}

  /** {@code a + b}. */
  record Add(Value a, Value b, Value out) implements Op {}

  /** What the operation reads of other operations. */
  default List<Value> inputs() {
    return switch (this) {
      case Embed _, FixedDecay _ -> List.of();
      case LayerNorm o -> List.of(o.in());
      case TokenShift o -> List.of(o.in());
      case Lerp o -> List.of(o.from(), o.to());
      case DdLerp o -> List.of(o.from(), o.to(), o.lora());
      case MatMul o -> List.of(o.in());
      case Decay o -> List.of(o.in());
      case Wkv o -> List.of(o.receptance(), o.key(), o.value(), o.decay());
      case GroupNorm o -> List.of(o.in());
      case Multiply o -> List.of(o.a(), o.b());
      case Add o -> List.of(o.a(), o.b());
    };
  }

  /** What it gives. */
  default List<Value> outputs() {
    return switch (this) {
      case Embed o -> List.of(o.out());
      case LayerNorm o -> List.of(o.out());
      case TokenShift o -> List.of(o.out());
      case Lerp o -> List.of(o.out());
      case DdLerp o -> o.outs();
      case MatMul o -> List.of(o.out());
      case FixedDecay o -> List.of(o.out());
      case Decay o -> List.of(o.out());
      case Wkv o -> List.of(o.out());
      case GroupNorm o -> List.of(o.out());
      case Multiply o -> List.of(o.out());
      case Add o -> List.of(o.out());
    };
  }
}
