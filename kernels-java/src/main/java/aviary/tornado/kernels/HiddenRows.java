package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rows that cross from a device that has the layers before, or to one that has those behind, in an
 * array [rows, D] that goes from or to the host. Grid of both kernels: a work item a number.
 */
public final class HiddenRows {
  private HiddenRows() {}

  /**
   * Takes rows that have come, with which layer 0 begins.
   *
   * @param layer see {@link LayerCounter}
   * @param y where they go in {@code values}
   * @param width D
   * @param stride how far apart two rows of y are
   */
  public static void arrive(
      IntArray pass,
      IntArray layer,
      FloatArray rows,
      FloatArray values,
      int y,
      int width,
      int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * width; item++) {
      if (item == 0) {
        layer.set(0, 0);
      }
      values.set(y + item / width * stride + item % width, rows.get(item));
    }
  }

  /** Gives rows away; the arguments are as those of {@link #arrive}. */
  public static void leave(
      IntArray pass, FloatArray rows, FloatArray values, int x, int width, int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * width; item++) {
      rows.set(item, values.get(x + item / width * stride + item % width));
    }
  }
}
