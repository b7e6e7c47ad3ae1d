package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The decay of the wkv state. Grid of both kernels: a work item a number of y. */
public final class Decay {
  private Decay() {}

  /**
   * Finch's: {@code y = exp(-exp(base + x))}.
   *
   * @param base where layer 0's base [D] is in {@code vectors}; a layer's is {@code stride} behind
   *     the one before
   * @param width D
   */
  public static void ofToken(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int x,
      FloatArray vectors,
      int base,
      int stride,
      int y,
      int width) {
    int item = context.globalIdx;
    if (item < pass.get(Pass.ROWS) * width) {
      float speed = vectors.get(base + layer.get(0) * stride + item % width) + values.get(x + item);
      values.set(y + item, TornadoMath.exp(-TornadoMath.exp(speed)));
    }
  }

  /**
   * Eagle's, the same for every token: {@code y = exp(-exp(base))}.
   *
   * @param base as for {@link #ofToken}
   * @param width D
   */
  public static void fixed(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      FloatArray values,
      FloatArray vectors,
      int base,
      int stride,
      int y,
      int width) {
    int item = context.globalIdx;
    if (item < pass.get(Pass.ROWS) * width) {
      float speed = vectors.get(base + layer.get(0) * stride + item % width);
      values.set(y + item, TornadoMath.exp(-TornadoMath.exp(speed)));
    }
  }
}
