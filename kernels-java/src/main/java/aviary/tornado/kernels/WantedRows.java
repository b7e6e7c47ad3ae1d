package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows that are wanted. Grid of both kernels: a work item a number of what is copied. */
public final class WantedRows {
  private WantedRows() {}

  /**
   * Copies the rows whose logits are wanted, so that they stand behind each other.
   *
   * @param stride how far apart two rows are
   */
  public static void keep(IntArray pass, FloatArray values, int x, int y, int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.WANTED) * stride; item++) {
      int source = pass.get(PassTable.WANTED_ROWS + item / stride);
      values.set(y + item, values.get(x + source * stride + item % stride));
    }
  }

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
