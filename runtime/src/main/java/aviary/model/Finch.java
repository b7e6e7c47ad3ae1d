package aviary.model;

import static aviary.model.Op.Activation.NONE;
import static aviary.model.Op.Activation.SILU;
import static aviary.model.Op.Activation.TANH;
import static aviary.model.Op.TokenShift.Slot.ATT;
import static aviary.model.Op.TokenShift.Slot.FFN;

import java.util.List;

/** RWKV-6 "Finch": mixes and decays that depend on the token, through low-rank matrices. */
final class Finch {
  private Finch() {}

  static Program program(ModelConfig config) {
    int d = config.width();
    var layer = new ProgramBuilder(config);
    var x = new Value("x", d);

    Value a = layer.norm(x, "ln1");
    Value p = layer.shift(a, ATT);
    Value xx = layer.lerp(a, p, "att.time_maa_x");
    Value lora = layer.lora(xx, "att.time_maa_w1", TANH, 5 * config.mixRank());
    List<Value> mixed =
        layer.ddlerp(
            a,
            p,
            lora,
            "att.time_maa_w2",
            "att.time_maa_w",
            "att.time_maa_k",
            "att.time_maa_v",
            "att.time_maa_r",
            "att.time_maa_g");
    Value h = layer.lora(mixed.get(0), "att.time_decay_w1", TANH, config.decayRank());
    Value w = layer.decay(layer.lora(h, "att.time_decay_w2", NONE, d), "att.time_decay");
    Value k = layer.matmul(mixed.get(1), "att.key.weight", d);
    Value v = layer.matmul(mixed.get(2), "att.value.weight", d);
    Value r = layer.matmul(mixed.get(3), "att.receptance.weight", d);
    Value g = layer.matmul(mixed.get(4), "att.gate.weight", SILU, d);
    Value y = layer.groupNorm(layer.wkv(r, k, v, w, Weight.of("att.time_faaaa")), "att.ln_x");
    Value x1 = layer.add(x, layer.matmul(layer.multiply(y, g), "att.output.weight", d));

    Value b = layer.norm(x1, "ln2");
    Value q = layer.shift(b, FFN);
    Value fk = layer.lerp(b, q, "ffn.time_maa_k");
    Value fr = layer.lerp(b, q, "ffn.time_maa_r");
    return layer.build(x, layer.add(x1, layer.channelMix(fk, fr)));
  }
}
