package aviary.model;

import aviary.model.Inventory.Item;
import aviary.model.ModelConfig.Architecture;
import java.util.function.IntToDoubleFunction;

/**
 * What the tensors of one layer hold before training, by RWKV-LM's code for RWKV-5 and RWKV-6 (the
 * constructors and {@code generate_init_weight} of {@code RWKV-v5/src/model.py}). With l the layer
 * of L, r0 = l / (L - 1), r1 = 1 - l / L, and n the channel of D.
 */
final class InitialValues {
  private final ModelConfig config;
  private final int layer;

  /**
   * @param layer l; of tensors outside the layers it decides nothing
   */
  InitialValues(ModelConfig config, int layer) {
    this.config = config;
    this.layer = layer;
  }

  /**
   * The numbers of a tensor.
   *
   * @param item the tensor; in a layer without {@code blocks.L.} before its name
   * @param random the tensor's own random numbers
   */
  WeightSource of(Item item, RandomNumbers random) {
    return switch (item.name()) {
      case "emb.weight" -> uniform(random, 1e-4f);
      case "head.weight" -> orthogonal(item, headGain(), random);
      case "att.receptance.weight", "att.value.weight", "ffn.key.weight" ->
          orthogonal(item, 1, random);
      case "att.key.weight", "att.gate.weight" -> orthogonal(item, 0.1, random);
      case "att.output.weight", "ffn.value.weight", "ffn.receptance.weight" -> channels(n -> 0);
      case "att.time_maa_w1", "att.time_decay_w1" -> channels(n -> 0);
      case "att.time_maa_w2", "att.time_decay_w2" -> uniform(random, 0.01f);
      case "att.ln_x.weight" -> {
        double scale = StrictMath.pow((1.0 + layer) / config.layers(), 0.7);
        yield channels(n -> scale);
      }
      default -> channels(vector(item.name()));
    };
  }

  private IntToDoubleFunction vector(String name) {
    if (name.endsWith(".bias")) {
      return n -> 0;
    }
    if (name.endsWith(".weight")) {
      return n -> 1;
    }
    return switch (name) {
      case "att.time_decay" -> n -> -6 + 5 * StrictMath.pow(last(n), 0.7 + 1.3 * r0());
      case "att.time_faaaa" -> n -> r0() * (1 - last(n)) + 0.1 * ((n + 1) % 3 - 1);
      // Finch keeps how much of the previous token is mixed in, Eagle how much of this one.
      default ->
          config.architecture() == Architecture.FINCH
              ? n -> 1 - mix(name.replace("time_maa_", ""), n)
              : n -> mix(name.replace("time_mix_", ""), n);
    };
  }

  /** How much of the present token goes into a mix. */
  private double mix(String name, int n) {
    return switch (name) {
      case "att.x", "att.w", "att.k" -> power(n, r1());
      case "att.v" -> power(n, r1()) + 0.3 * r0();
      case "att.r", "att.g" -> power(n, 0.5 * r1());
      case "ffn.k", "ffn.r" ->
          power(n, config.architecture() == Architecture.FINCH ? StrictMath.pow(r1(), 3) : r1());
      default -> throw new IllegalArgumentException("no initial values are known for " + name);
    };
  }

  private double power(int n, double exponent) {
    return StrictMath.pow((double) n / config.width(), exponent);
  }

  /** From 0 at the first channel to 1 at the last. */
  private double last(int n) {
    return n / Math.max(1.0, config.width() - 1);
  }

  /** From 0 in the first layer to 1 in the last; 0 where there is only one. */
  private double r0() {
    return layer / Math.max(1.0, config.layers() - 1);
  }

  /** From 1 in the first layer to almost 0 in the last. */
  private double r1() {
    return 1 - (double) layer / config.layers();
  }

  private double headGain() {
    double ratio = (double) config.vocabulary() / config.width();
    return ratio > 1 ? 0.5 * Math.sqrt(ratio) : 0.5;
  }

  private static WeightSource orthogonal(Item item, double gain, RandomNumbers random) {
    int rows = (int) item.shape()[0];
    int columns = (int) item.shape()[1];
    return new OrthogonalMatrix(rows, columns, (float) gain, random);
  }

  private static WeightSource uniform(RandomNumbers random, float bound) {
    return () ->
        (start, count, out) -> {
          for (int i = 0; i < count; i++) {
            out[i] = random.uniform(start + i, bound);
          }
        };
  }

  private static WeightSource channels(IntToDoubleFunction value) {
    return () ->
        (start, count, out) -> {
          for (int i = 0; i < count; i++) {
            out[i] = (float) value.applyAsDouble((int) start + i);
          }
        };
  }
}
