package aviary.generation;

import aviary.engine.Logits;

/** One row of logits that was kept from an earlier run. */
record KnownLogits(float[] values) implements Logits {

  @Override
  public int rows() {
    return 1;
  }

  @Override
  public float[] row(int row) {
    return values.clone();
  }

  @Override
  public int argmax(int row) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
