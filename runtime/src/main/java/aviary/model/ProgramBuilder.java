package aviary.model;

import static aviary.model.Op.Activation.NONE;
import static aviary.model.Op.Activation.SIGMOID;
import static aviary.model.Op.Activation.SQUARED_RELU;
import static aviary.model.Op.MatMul.Layout.IN_OUT;
import static aviary.model.Op.MatMul.Layout.OUT_IN;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes a program down as its formulas read: each method appends an operation and returns its
 * result. What both architectures share (channel mix, embedding, head) is here too.
 */
final class ProgramBuilder {
  private final ModelConfig config;
  private final List<Op> ops = new ArrayList<>();

  ProgramBuilder(ModelConfig config) {
    this.config = config;
  }

  /** The program whose layer was written down so far, from {@code hidden} to {@code layerOut}. */
  Program build(Value hidden, Value layerOut) {
    var embedding = new Value("embedding", config.width());
    var normed = new Value("normed", config.width());
    var logits = new Value("logits", config.vocabulary());
    return new Program(
        List.of(
            new Op.Embed(Weight.of("emb.weight"), embedding),
            norm(embedding, "blocks.0.ln0", hidden)),
        hidden,
        List.copyOf(ops),
        layerOut,
        List.of(
            norm(hidden, "ln_out", normed),
            new Op.MatMul(normed, Weight.of("head.weight"), OUT_IN, NONE, logits)),
        logits);
  }

  Value norm(Value in, String name) {
    Value out = new Value(name, in.width());
    ops.add(norm(in, name, out));
    return out;
  }

  Value shift(Value in, Op.TokenShift.Slot slot) {
    Value out = new Value(in.name() + " shifted", in.width());
    ops.add(new Op.TokenShift(in, slot, out));
    return out;
  }

  Value lerp(Value from, Value to, String amount) {
    Value out = new Value(amount, from.width());
    ops.add(new Op.Lerp(from, to, Weight.of(amount), out));
    return out;
  }

  /** One value for each of {@code amounts}, in their order. */
  List<Value> ddlerp(Value from, Value to, Value lora, String up, String... amounts) {
    List<Value> outs = Stream.of(amounts).map(name -> new Value(name, from.width())).toList();
    ops.add(
        new Op.DdLerp(
            from, to, lora, Weight.of(up), Stream.of(amounts).map(Weight::of).toList(), outs));
    return outs;
  }

  Value matmul(Value in, String weight, int width) {
    return matmul(in, weight, OUT_IN, NONE, width);
  }

  Value matmul(Value in, String weight, Op.Activation activation, int width) {
    return matmul(in, weight, OUT_IN, activation, width);
  }

  /** The first or second half of a LoRA, whose matrices lie the other way round. */
  Value lora(Value in, String weight, Op.Activation activation, int width) {
    return matmul(in, weight, IN_OUT, activation, width);
  }

  private Value matmul(
      Value in, String weight, Op.MatMul.Layout layout, Op.Activation activation, int width) {
    Value out = new Value(weight, width);
    ops.add(new Op.MatMul(in, Weight.of(weight), layout, activation, out));
    return out;
  }

  Value fixedDecay(Weight base) {
    Value out = new Value("w", config.width());
    ops.add(new Op.FixedDecay(base, out));
    return out;
  }

  Value decay(Value in, String base) {
    Value out = new Value("w", config.width());
    ops.add(new Op.Decay(in, Weight.of(base), out));
    return out;
  }

  Value wkv(Value receptance, Value key, Value value, Value decay, Weight bonus) {
    Value out = new Value("wkv", config.width());
    ops.add(new Op.Wkv(receptance, key, value, decay, bonus, out));
    return out;
  }

  Value groupNorm(Value in, String name) {
    Value out = new Value(name, in.width());
    ops.add(
        new Op.GroupNorm(
            in,
            config.heads(),
            config.groupNormEpsilon(),
            Weight.of(name + ".weight"),
            Weight.of(name + ".bias"),
            out));
    return out;
  }

  Value multiply(Value a, Value b) {
    Value out = new Value(a.name() + " * " + b.name(), a.width());
    ops.add(new Op.Multiply(a, b, out));
    return out;
  }

  Value add(Value a, Value b) {
    Value out = new Value(a.name() + " + " + b.name(), a.width());
    ops.add(new Op.Add(a, b, out));
    return out;
  }

  /** {@code sigmoid(receptance xr) * (value relu(key xk)^2)}. */
  Value channelMix(Value xk, Value xr) {
    Value k = matmul(xk, "ffn.key.weight", SQUARED_RELU, config.feedForward());
    Value r = matmul(xr, "ffn.receptance.weight", SIGMOID, config.width());
    return multiply(r, matmul(k, "ffn.value.weight", config.width()));
  }

  private static Op norm(Value in, String name, Value out) {
    return new Op.LayerNorm(in, Weight.of(name + ".weight"), Weight.of(name + ".bias"), out);
  }
}
