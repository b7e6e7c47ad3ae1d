package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** {@code y = from + (to - from) amount}, channel by channel. Grid: a work item a number of y. */
public final class Lerp {
  private Lerp() {}

  /**
   * Mixes all rows.
   *
   * @param amount where layer 0's amounts [D] are in {@code vectors}; a layer's are {@code stride}
   *     behind the ones before
   * @param width D
   */
  public static void lerp(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int from,
      int to,
      FloatArray vectors,
      int amount,
      int stride,
      int y,
      int width) {
    int item = context.globalIdx;
    if (item < pass.get(Pass.ROWS) * width) {
      float start = values.get(from + item);
      float mix = vectors.get(amount + layer.get(0) * stride + item % width);
      values.set(y + item, start + (values.get(to + item) - start) * mix);
    }
  }
}
