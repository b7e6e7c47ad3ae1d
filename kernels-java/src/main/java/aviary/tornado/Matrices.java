package aviary.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/**
 * The matrices of some products, of several layers, in tiles as {@link
 * aviary.tornado.kernels.Tiles} has them: [layers, tiles, in, 8].
 */
sealed interface Matrices {

  /** What a device can have of a matrix. */
  enum Kind {
    F32,
    F16,
    Q8
  }

  /** As floats. */
  record F32(FloatArray weights) implements Matrices {}

  /** As 16-bit floats. */
  record F16(HalfFloatArray weights) implements Matrices {}

  /**
   * As {@link aviary.model.Q8_0}.
   *
   * @param weights the bytes
   * @param scales [layers, tiles, in / 32, 8]
   */
  record Q8(Int8Array weights, FloatArray scales) implements Matrices {}
}
