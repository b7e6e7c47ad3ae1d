package aviary.reference;

import aviary.engine.Layers;
import aviary.model.ModelConfig;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One sequence's way through a program: all its rows (tokens) go through an operation before any
 * goes to the next, and the state moves on.
 */
final class Walk {
  private final ModelConfig config;
  private final ReferenceWeights weights;
  private final Layers layers;
  private final ReferenceState state;
  private final Map<Value, double[][]> values = new HashMap<>();
  private int[] tokens = {};
  private int rows;

  /** Which layer of the state the operations work on. */
  private int layer;

  private String prefix = "";

  /**
   * @param layers which layers to go through
   * @param state the sequence's state of these layers, which moves on
   */
  Walk(ModelConfig config, ReferenceWeights weights, Layers layers, ReferenceState state) {
    this.config = config;
    this.weights = weights;
    this.layers = layers;
    this.state = state;
  }

  /**
   * Goes through the layers from tokens, which begin at the first layer.
   *
   * @return the logits after each of the {@code wanted} tokens; what comes out of the layers, for
   *     all tokens, where the model has more
   */
  double[][] ofTokens(Program program, int[] from, int[] wanted) {
    tokens = from;
    rows = from.length;
    run(program.start());
    return run(program, wanted);
  }

  /** Goes through the layers from what comes out of the layers before; returns the same. */
  double[][] ofHidden(Program program, double[][] from, int[] wanted) {
    rows = from.length;
    values.put(program.hidden(), from);
    return run(program, wanted);
  }

  private double[][] run(Program program, int[] wanted) {
    for (layer = 0; layer < layers.count(); layer++) {
      prefix = "blocks." + (layers.first() + layer) + ".";
      run(program.layer());
      values.put(program.hidden(), values.get(program.layerOut()));
    }
    prefix = "";
    if (!layers.givesLogits()) {
      return values.get(program.hidden());
    }
    keep(program.hidden(), wanted);
    run(program.end());
    return values.get(program.logits());
  }

  private void keep(Value value, int[] wanted) {
    double[][] all = values.get(value);
    rows = wanted.length;
    put(value, row -> all[wanted[row]]);
  }

  private void run(List<Op> ops) {
    ops.forEach(this::run);
  }

  private void run(Op op) {
    switch (op) {
      case Op.Embed(Weight table, Value out) -> {
        double[] t = weights.numbers(prefix + table.name());
        put(out, row -> ReferenceOps.embed(t, tokens[row], out.width()));
      }
      case Op.LayerNorm(Value in, Weight scale, Weight bias, Value out) -> {
        double[] s = channels(scale);
        double[] b = channels(bias);
        put(out, row -> ReferenceOps.layerNorm(get(in, row), Op.LayerNorm.EPSILON, s, b));
      }
      case Op.GroupNorm(
              Value in,
              int groups,
              float epsilon,
              Weight scale,
              Weight bias,
              Value out) -> {
        double[] s = channels(scale);
        double[] b = channels(bias);
        put(out, row -> ReferenceOps.groupNorm(get(in, row), groups, epsilon, s, b));
      }
      case Op.TokenShift shift -> tokenShift(shift);
      case Op.Lerp(Value from, Value to, Weight amount, Value out) -> {
        double[] a = channels(amount);
        put(out, row -> ReferenceOps.lerp(get(from, row), get(to, row), a));
      }
      case Op.DdLerp lerps -> ddLerps(lerps);
      case Op.MatMul(Value in, Weight weight, Layout layout, Activation activation, Value out) -> {
        double[] w = weights.numbers(prefix + weight.name());
        put(
            out,
            row ->
                ReferenceOps.activate(
                    activation, ReferenceOps.matmul(w, layout, get(in, row), out.width())));
      }
      case Op.FixedDecay(Weight base, Value out) -> {
        double[] decay = ReferenceOps.fixedDecay(channels(base));
        put(out, _ -> decay);
      }
      case Op.Decay(Value in, Weight base, Value out) -> {
        double[] b = channels(base);
        put(out, row -> ReferenceOps.decay(get(in, row), b));
      }
      case Op.Wkv wkv -> wkv(wkv);
      case Op.Multiply(Value a, Value b, Value out) ->
          put(out, row -> ReferenceOps.multiply(get(a, row), get(b, row)));
      case Op.Add(Value a, Value b, Value out) ->
          put(out, row -> ReferenceOps.add(get(a, row), get(b, row)));
    }
  }

  private void tokenShift(Op.TokenShift op) {
    double[] before =
        switch (op.slot()) {
          case ATT -> state.attShift(layer);
          case FFN -> state.ffnShift(layer);
        };
    put(op.out(), row -> row == 0 ? before : get(op.in(), row - 1));
    double[] last = get(op.in(), rows - 1);
    switch (op.slot()) {
      case ATT -> state.setAttShift(layer, last);
      case FFN -> state.setFfnShift(layer, last);
    }
  }

  private void ddLerps(Op.DdLerp op) {
    double[] up = weights.numbers(prefix + op.up().name());
    int rank = op.lora().width() / op.outs().size();
    for (int each = 0; each < op.outs().size(); each++) {
      int c = each;
      double[] amount = channels(op.amounts().get(c));
      put(
          op.outs().get(c),
          row ->
              ReferenceOps.ddLerp(
                  get(op.from(), row),
                  get(op.to(), row),
                  amount,
                  get(op.lora(), row),
                  up,
                  c,
                  rank));
    }
  }

  /** Rows are computed in their order, as the recurrence needs. */
  private void wkv(Op.Wkv op) {
    double[] bonus = channels(op.bonus());
    put(
        op.out(),
        row ->
            ReferenceOps.wkv(
                get(op.receptance(), row),
                get(op.key(), row),
                get(op.value(), row),
                get(op.decay(), row),
                bonus,
                config.headSize(),
                state.wkv(layer)));
  }

  private double[] channels(Weight weight) {
    return weights.channels(weight, prefix + weight.name());
  }

  private double[] get(Value value, int row) {
    return values.get(value)[row];
  }

  /** Computes a value's rows, first to last. */
  private void put(Value value, IntFunction<double[]> compute) {
    double[][] out = new double[rows][];
    for (int row = 0; row < rows; row++) {
      out[row] = compute.apply(row);
    }
    values.put(value, out);
  }
}
