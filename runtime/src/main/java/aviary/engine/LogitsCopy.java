package aviary.engine;

import java.util.ArrayList;
import java.util.List;

/** Rows of logits of several passes, which have left their devices. */
final class LogitsCopy implements Logits {
  private final List<float[]> rows = new ArrayList<>();
  private final List<Integer> best = new ArrayList<>();

  /** Puts a pass's rows behind those that are here. */
  void add(Logits logits) {
    for (int row = 0; row < logits.rows(); row++) {
      best.add(logits.argmax(row));
      rows.add(logits.row(row));
    }
  }

  @Override
  public int rows() {
    return rows.size();
  }

  @Override
  public float[] row(int row) {
    return rows.get(row).clone();
  }

  @Override
  public int argmax(int row) {
    return best.get(row);
  }
}
