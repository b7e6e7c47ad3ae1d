package aviary.model;

import static aviary.model.Op.Activation.SILU;
import static aviary.model.Op.TokenShift.Slot.ATT;
import static aviary.model.Op.TokenShift.Slot.FFN;

/** RWKV-5 "Eagle": mixes and decays that no token changes. */
final class Eagle {
  private Eagle() {}

  static Program program(ModelConfig config) {
    int d = config.width();
    var layer = new ProgramBuilder(config);
    var x = new Value("x", d);

    Value a = layer.norm(x, "ln1");
    Value p = layer.shift(a, ATT);
    Value xr = layer.lerp(p, a, "att.time_mix_r");
    Value xk = layer.lerp(p, a, "att.time_mix_k");
    Value xv = layer.lerp(p, a, "att.time_mix_v");
    Value xg = config.gated() ? layer.lerp(p, a, "att.time_mix_g") : null;
    Value r = layer.matmul(xr, "att.receptance.weight", d);
    Value k = layer.matmul(xk, "att.key.weight", d);
    Value v = layer.matmul(xv, "att.value.weight", d);
    Value g = config.gated() ? layer.matmul(xg, "att.gate.weight", SILU, d) : null;
    Value w = layer.fixedDecay(config.decay().base());
    Value y = layer.groupNorm(layer.wkv(r, k, v, w, config.decay().bonus()), "att.ln_x");
    Value o = config.gated() ? layer.multiply(y, g) : y;
    Value x1 = layer.add(x, layer.matmul(o, "att.output.weight", d));

    Value b = layer.norm(x1, "ln2");
    Value q = layer.shift(b, FFN);
    Value fk = layer.lerp(q, b, "ffn.time_mix_k");
    Value fr = layer.lerp(q, b, "ffn.time_mix_r");
    return layer.build(x, layer.add(x1, layer.channelMix(fk, fr)));
  }
}
