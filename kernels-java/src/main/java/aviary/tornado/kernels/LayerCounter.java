package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The number of the layer that runs, which the device counts itself, so that nothing has to come
 * from the host between two layers. Grid of both kernels: one work item.
 */
public final class LayerCounter {
  private LayerCounter() {}

  /** Begins with layer 0. */
  public static void begin(IntArray layer) {
    for (@Parallel int i = 0; i < 1; i++) {
      layer.set(i, 0);
    }
  }

  /** Goes on to the next. */
  public static void next(IntArray layer) {
    for (@Parallel int i = 0; i < 1; i++) {
      layer.set(i, layer.get(i) + 1);
    }
  }
}
