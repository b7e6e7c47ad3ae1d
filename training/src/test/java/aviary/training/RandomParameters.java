package aviary.training;

import aviary.agreement.RandomModel;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import java.util.Random;

/**
 * Random weights and batches for tests.
 *
 * @param config the shapes
 * @param seed where the numbers come from
 */
record RandomParameters(ModelConfig config, long seed) {
  Parameters parameters() {
    return new Parameters(new RandomModel(config, WeightType.F32, DType.F32, true, seed).model());
  }

  /** Sequences of random tokens, of which such a share has labels, but for one at least. */
  Sequences batch(int count, int length, double share) {
    Random random = new Random(seed);
    int[] tokens = random.ints((long) count * length, 0, config.vocabulary()).toArray();
    int[] labels = new int[tokens.length];
    for (int i = 0; i < labels.length; i++) {
      boolean asked = i == labels.length - 1 || random.nextDouble() < share;
      labels[i] = asked ? random.nextInt(config.vocabulary()) : Sequences.NOTHING;
    }
    return new Sequences(count, length, tokens, labels);
  }
}
