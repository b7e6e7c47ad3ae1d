package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The number of the layer that runs, which the device counts itself, so that nothing has to come
 * from the host between two layers. The kernels with which a pass begins, {@link Embedding} and
 * {@link HiddenRows}, set it to 0. Grid: one work item.
 */
public final class LayerCounter {
  private LayerCounter() {}

  /** Goes on to the next. */
  public static void next(IntArray layer) {
    for (@Parallel int i = 0; i < 1; i++) {
      layer.set(i, layer.get(i) + 1);
    }
  }
}
