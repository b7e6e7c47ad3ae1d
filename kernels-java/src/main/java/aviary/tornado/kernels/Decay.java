package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Eagle's decay of the wkv state, the same for every token: {@code y = exp(-exp(base))}. Finch's
 * adds to base what a product gives, and is computed there: {@link Activations#DECAY}. Grid: a work
 * item a number of y.
 */
public final class Decay {
  private Decay() {}

  /**
   * Computes it for all rows.
   *
   * @param base where layer 0's base [D] is in {@code vectors}; a layer's is {@code baseStride}
   *     behind the one before
   * @param width D
   * @param stride how far apart two rows of y are
   */
  public static void fixed(
      IntArray pass,
      IntArray layer,
      FloatArray values,
      FloatArray vectors,
      int base,
      int baseStride,
      int y,
      int width,
      int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * width; item++) {
      float speed = vectors.get(base + layer.get(0) * baseStride + item % width);
      values.set(
          y + item / width * stride + item % width, Activations.of(Activations.DECAY, speed));
    }
  }
}
