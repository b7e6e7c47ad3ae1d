package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code y[t] = x[t - 1]}, and the state's row for a part's first; the part's last row becomes the
 * state's. Grid: a work item a part and channel, which goes through the part's rows.
 */
public final class TokenShift {
  private TokenShift() {}

  /**
   * Shifts all rows.
   *
   * @param shifted the state's rows, [slots, L, D]
   * @param layers L
   * @param width D
   */
  public static void shift(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int x,
      int y,
      FloatArray shifted,
      int layers,
      int width) {
    int item = context.globalIdx;
    int part = item / width;
    if (part < pass.get(Pass.PARTS)) {
      int channel = item % width;
      int kept = (pass.get(Pass.PART_SLOT + part) * layers + layer.get(0)) * width + channel;
      int at = pass.get(Pass.PART_BEGIN + part) * width + channel;
      int count = pass.get(Pass.PART_ROWS + part);
      float before = shifted.get(kept);
      for (int row = 0; row < count; row++) {
        values.set(y + at + row * width, before);
        before = values.get(x + at + row * width);
      }
      shifted.set(kept, before);
    }
  }
}
