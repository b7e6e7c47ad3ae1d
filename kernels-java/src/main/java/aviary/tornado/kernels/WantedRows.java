package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows that are wanted. Grid of both kernels: a work item a number of what is copied. */
public final class WantedRows {
  private WantedRows() {}

  /**
   * Copies the rows whose logits are wanted, so that they stand behind each other.
   *
   * @param width D
   */
  public static void keep(
      KernelContext context, IntArray pass, FloatArray values, int x, int y, int width) {
    int item = context.globalIdx;
    int row = item / width;
    if (row < pass.get(Pass.WANTED)) {
      int source = pass.get(Pass.WANTED_ROWS + row);
      values.set(y + item, values.get(x + source * width + item % width));
    }
  }

  /**
   * Copies the row that {@code pass} names as a slot to an array that goes to the host.
   *
   * @param width V
   */
  public static void fetch(
      KernelContext context, IntArray pass, FloatArray values, int x, FloatArray row, int width) {
    int item = context.globalIdx;
    if (item < width) {
      row.set(item, values.get(x + pass.get(Pass.SLOT) * width + item));
    }
  }
}
