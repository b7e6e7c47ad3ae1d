package aviary.bench;

import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Program;
import aviary.model.Value;
import aviary.model.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Operations of models, each as a program whose layers have nothing else, so that any backend can
 * run it and what is around it hardly counts. An operation whose results would grow or vanish from
 * layer to layer has a layer norm in front, which costs little beside it.
 */
public enum Operation {

  /** The product with a matrix of D by D. */
  MATMUL {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      return List.of(product(in, "matrix", Activation.NONE, out));
    }
  },

  /** The recurrence with RWKV-5's decay, and the layer norm before it. */
  WKV5 {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      Value decay = new Value("decay", config.width());
      Value from = new Value("normed row", config.width());
      return List.of(
          norm(in, "norm", from),
          new Op.FixedDecay(Weight.of("base"), decay),
          new Op.Wkv(from, from, from, decay, Weight.of("bonus"), out));
    }
  },

  /** The recurrence with RWKV-6's, which comes out of a low-rank product, and the layer norm. */
  WKV6 {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      Value low = new Value("low", config.decayRank());
      Value speed = new Value("speed", config.width());
      Value decay = new Value("decay", config.width());
      Value from = new Value("normed row", config.width());
      return List.of(
          norm(in, "norm", from),
          lowRank(from, "w1", Activation.TANH, low),
          lowRank(low, "w2", Activation.NONE, speed),
          new Op.Decay(speed, Weight.of("base"), decay),
          new Op.Wkv(from, from, from, decay, Weight.of("bonus"), out));
    }
  },

  /** Token shift, and the five lerps that depend on the token. */
  DDLERP {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      int d = config.width();
      Value before = new Value("before", d);
      Value mixed = new Value("mixed", d);
      Value lora = new Value("lora", 5 * config.mixRank());
      List<Value> outs = new ArrayList<>();
      IntStream.range(0, 4).forEach(i -> outs.add(new Value("mix " + i, d)));
      outs.add(out);
      return List.of(
          new Op.TokenShift(in, Op.TokenShift.Slot.ATT, before),
          new Op.Lerp(in, before, Weight.of("x"), mixed),
          lowRank(mixed, "up1", Activation.TANH, lora),
          new Op.DdLerp(
              in,
              before,
              lora,
              Weight.of("up2"),
              IntStream.range(0, 5).mapToObj(i -> Weight.of("amount" + i)).toList(),
              outs));
    }
  },

  /** A layer norm. */
  LAYER_NORM {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      return List.of(new Op.LayerNorm(in, Weight.of("scale"), Weight.of("bias"), out));
    }
  },

  /** A norm of each head's channels. */
  GROUP_NORM {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      return List.of(
          new Op.GroupNorm(
              in,
              config.heads(),
              config.groupNormEpsilon(),
              Weight.of("scale"),
              Weight.of("bias"),
              out));
    }
  },

  /** The channel mix with its layer norm and token shift: three matrices. */
  CHANNEL_MIX {
    @Override
    List<Op> ops(ModelConfig config, Value in, Value out) {
      int d = config.width();
      Value before = new Value("before", d);
      Value forKey = new Value("for key", d);
      Value forReceptance = new Value("for receptance", d);
      Value key = new Value("key", config.feedForward());
      Value receptance = new Value("receptance", d);
      Value value = new Value("value", d);
      Value from = new Value("normed row", d);
      return List.of(
          norm(in, "norm", from),
          new Op.TokenShift(from, Op.TokenShift.Slot.FFN, before),
          new Op.Lerp(from, before, Weight.of("k"), forKey),
          new Op.Lerp(from, before, Weight.of("r"), forReceptance),
          product(forKey, "key", Activation.SQUARED_RELU, key),
          product(forReceptance, "receptance", Activation.SIGMOID, receptance),
          product(key, "value", Activation.NONE, value),
          new Op.Multiply(receptance, value, out));
    }
  };

  /** Those that models of an architecture have. */
  public static List<Operation> of(Architecture architecture) {
    return switch (architecture) {
      case EAGLE -> List.of(MATMUL, WKV5, LAYER_NORM, GROUP_NORM, CHANNEL_MIX);
      case FINCH -> List.of(MATMUL, WKV6, DDLERP, LAYER_NORM, GROUP_NORM, CHANNEL_MIX);
    };
  }

  /** What tables call it: {@code layer norm}. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** What a layer does, from what goes in to what comes out, both of D. */
  abstract List<Op> ops(ModelConfig config, Value in, Value out);

  private static Op product(Value in, String weight, Activation activation, Value out) {
    return new Op.MatMul(in, Weight.of(weight), Layout.OUT_IN, activation, out);
  }

  private static Op lowRank(Value in, String weight, Activation activation, Value out) {
    return new Op.MatMul(in, Weight.of(weight), Layout.IN_OUT, activation, out);
  }

  /** The program: tokens' rows, the layers, and logits of few tokens. */
  Program program(ModelConfig config) {
    Value embedding = new Value("embedding", config.width());
    Value hidden = new Value("hidden", config.width());
    Value out = new Value("out", config.width());
    Value normed = new Value("normed", config.width());
    Value logits = new Value("logits", config.vocabulary());
    return new Program(
        List.of(new Op.Embed(Weight.of("emb.weight"), embedding), norm(embedding, "ln0", hidden)),
        hidden,
        ops(config, hidden, out),
        out,
        List.of(
            norm(hidden, "ln_out", normed),
            new Op.MatMul(
                normed, Weight.of("head.weight"), Layout.OUT_IN, Activation.NONE, logits)),
        logits);
  }

  private static Op norm(Value in, String name, Value out) {
    return new Op.LayerNorm(in, Weight.of(name + ".weight"), Weight.of(name + ".bias"), out);
  }
}
