package aviary.agreement;

import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/**
 * Which tensors a model has, and of what size their numbers are: such that every part of the model
 * leaves its mark on the logits. The names and shapes are those of the published checkpoints.
 */
final class RandomWeights {

  /**
   * One tensor.
   *
   * @param shape its shape
   * @param matrix whether Q8_0 applies to it
   * @param number how a number is drawn
   */
  record RandomWeight(long[] shape, boolean matrix, Function<Random, Double> number) {

    float[] draw(Random random) {
      int count = 1;
      for (long dimension : shape) {
        count *= (int) dimension;
      }
      float[] numbers = new float[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = number.apply(random).floatValue();
      }
      return numbers;
    }
  }

  private final ModelConfig config;
  private final Map<String, RandomWeight> weights = new LinkedHashMap<>();

  private RandomWeights(ModelConfig config) {
    this.config = config;
  }

  static Map<String, RandomWeight> of(ModelConfig config) {
    var of = new RandomWeights(config);
    of.matrix("emb.weight", config.vocabulary(), config.width(), Math.sqrt(config.width()));
    of.norm("blocks.0.ln0");
    for (int layer = 0; layer < config.layers(); layer++) {
      of.layer("blocks." + layer + ".");
    }
    of.norm("ln_out");
    of.matrix("head.weight", config.vocabulary(), config.width(), 2);
    return of.weights;
  }

  private void layer(String prefix) {
    int d = config.width();
    norm(prefix + "ln1");
    norm(prefix + "ln2");
    for (String name : new String[] {"receptance", "key", "value", "gate", "output"}) {
      if (config.gated() || !name.equals("gate")) {
        matrix(prefix + "att." + name + ".weight", d, d, 1);
      }
    }
    norm(prefix + "att.ln_x");
    if (config.architecture() == Architecture.FINCH) {
      finch(prefix);
    } else {
      eagle(prefix);
    }
    matrix(prefix + "ffn.key.weight", config.feedForward(), d, 1);
    matrix(prefix + "ffn.value.weight", d, config.feedForward(), 1);
    matrix(prefix + "ffn.receptance.weight", d, d, 1);
  }

  private void eagle(String prefix) {
    for (String name : new String[] {"att.time_mix_k", "att.time_mix_v", "att.time_mix_r"}) {
      mix(prefix + name);
    }
    if (config.gated()) {
      mix(prefix + "att.time_mix_g");
    }
    mix(prefix + "ffn.time_mix_k");
    mix(prefix + "ffn.time_mix_r");
    if (config.decay().equals(DecayForm.PER_CHANNEL)) {
      decay(prefix + "att.time_decay", config.heads(), config.headSize());
      normal(prefix + "att.time_faaaa", 0.5, config.heads(), config.headSize());
    } else {
      decay(prefix + "att.time_decay", config.heads());
      normal(prefix + "att.time_first", 0.5, config.heads());
    }
  }

  private void finch(String prefix) {
    int d = config.width();
    for (String name : new String[] {"x", "w", "k", "v", "r", "g"}) {
      mix(prefix + "att.time_maa_" + name);
    }
    mix(prefix + "ffn.time_maa_k");
    mix(prefix + "ffn.time_maa_r");
    int r = config.mixRank();
    normal(prefix + "att.time_maa_w1", 1 / Math.sqrt(d), d, 5L * r);
    normal(prefix + "att.time_maa_w2", 0.5 / Math.sqrt(r), 5, r, d);
    int rw = config.decayRank();
    normal(prefix + "att.time_decay_w1", 1 / Math.sqrt(d), d, rw);
    normal(prefix + "att.time_decay_w2", 1 / Math.sqrt(rw), rw, d);
    decay(prefix + "att.time_decay", 1, 1, d);
    normal(prefix + "att.time_faaaa", 0.5, config.heads(), config.headSize());
  }

  private void norm(String name) {
    weights.put(
        name + ".weight",
        new RandomWeight(
            new long[] {config.width()}, false, random -> 1 + 0.2 * random.nextGaussian()));
    normal(name + ".bias", 0.1, config.width());
  }

  /** Gives results of about {@code gain} times the inputs' size. */
  private void matrix(String name, int out, int in, double gain) {
    double size = gain / Math.sqrt(in);
    weights.put(
        name, new RandomWeight(new long[] {out, in}, true, random -> size * random.nextGaussian()));
  }

  private void normal(String name, double size, long... shape) {
    weights.put(name, new RandomWeight(shape, false, random -> size * random.nextGaussian()));
  }

  private void mix(String name) {
    weights.put(
        name, new RandomWeight(new long[] {1, 1, config.width()}, false, Random::nextDouble));
  }

  /** From channels that remember hundreds of tokens to ones that forget within one. */
  private void decay(String name, long... shape) {
    weights.put(name, new RandomWeight(shape, false, random -> -6 + 8.5 * random.nextDouble()));
  }
}
