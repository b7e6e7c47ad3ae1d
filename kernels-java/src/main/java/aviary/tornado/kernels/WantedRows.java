package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows of logits that the host wants. Grid: a work item a number. */
public final class WantedRows {
  private WantedRows() {}

  /**
   * Copies the row that {@code pass} names as a slot to an array that goes to the host.
   *
   * @param width V
   * @param stride how far apart two rows are
   */
  public static void fetch(
      IntArray pass, FloatArray values, int x, FloatArray row, int width, int stride) {
    for (@Parallel int item = 0; item < Math.max(width, 1); item++) {
      row.set(item, values.get(x + pass.get(PassTable.SLOT) * stride + item));
    }
  }
}
