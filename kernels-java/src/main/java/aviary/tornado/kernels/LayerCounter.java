package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The number of the layer that runs, which the device counts itself, so that nothing has to come
 * from the host between two layers. Grid of both kernels: one work item that does it.
 */
public final class LayerCounter {
  private LayerCounter() {}

  /** Begins with layer 0. */
  public static void begin(KernelContext context, IntArray layer) {
    if (context.globalIdx == 0) {
      layer.set(0, 0);
    }
  }

  /** Goes on to the next. */
  public static void next(KernelContext context, IntArray layer) {
    if (context.globalIdx == 0) {
      layer.set(0, layer.get(0) + 1);
    }
  }
}
