package aviary.training;

import aviary.model.ModelConfig;
import aviary.model.Op.TokenShift.Slot;

/**
 * The states of sequences that are learned side by side, in one layer: what they have seen before
 * the batch, and behind it what they have seen then.
 *
 * @param att the rows that the time mix shifts in, [sequences, D]
 * @param ffn those of the channel mix
 * @param wkv the heads' matrices, [sequences, H, N, N] (key channel, value channel)
 */
record InitialStates(float[] att, float[] ffn, float[] wkv) {

  /** Of sequences that have seen nothing. */
  static InitialStates zero(ModelConfig config, int sequences) {
    int rows = sequences * config.width();
    return new InitialStates(new float[rows], new float[rows], new float[rows * config.headSize()]);
  }

  float[] shifted(Slot slot) {
    return switch (slot) {
      case ATT -> att;
      case FFN -> ffn;
    };
  }

  InitialStates copy() {
    return new InitialStates(att.clone(), ffn.clone(), wkv.clone());
  }

  /** Gives every sequence the same matrices. */
  void setWkv(float[] matrices) {
    for (int at = 0; at < wkv.length; at += matrices.length) {
      System.arraycopy(matrices, 0, wkv, at, matrices.length);
    }
  }
}
