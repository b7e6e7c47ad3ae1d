package aviary.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/** The same matrix of several layers, one behind the other: [layers, out, in]. */
sealed interface Matrices {

  /** As floats. */
  record F32(FloatArray weights) implements Matrices {}

  /**
   * As {@link aviary.model.Q8_0}.
   *
   * @param weights the bytes
   * @param scales [layers, out, in / 32]
   */
  record Q8(Int8Array weights, FloatArray scales) implements Matrices {}
}
