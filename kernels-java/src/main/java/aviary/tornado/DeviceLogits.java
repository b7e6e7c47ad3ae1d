package aviary.tornado;

import aviary.engine.Logits;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Rows of logits, of which the ids of the greatest have come from the device, and the others come
 * when they are asked for.
 *
 * @param best the id of the greatest logit, by row
 * @param fetch gives a row's logits
 */
record DeviceLogits(int[] best, IntFunction<float[]> fetch) implements Logits {

  @Override
  public int rows() {
    return best.length;
  }

  @Override
  public float[] row(int row) {
    return fetch.apply(Objects.checkIndex(row, best.length));
  }

  @Override
  public int argmax(int row) {
    return best[row];
  }
}
