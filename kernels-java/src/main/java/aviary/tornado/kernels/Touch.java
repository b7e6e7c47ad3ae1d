package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that change nothing: an array comes to the device only as an argument of one. The layer
 * is never negative, but the compiler does not know. Grid: one work item that looks.
 */
public final class Touch {

  /** How many arrays a kernel takes. */
  public static final int ARRAYS = 4;

  private Touch() {}

  /** Takes an array of floats. */
  public static void floats(KernelContext context, IntArray layer, FloatArray a) {
    if (context.globalIdx == 0 && layer.get(0) < 0) {
      a.set(0, a.get(0) + 1.0f);
    }
  }

  /** Takes {@link #ARRAYS} arrays of floats; no array may be given twice. */
  public static void severalFloats(
      KernelContext context,
      IntArray layer,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d) {
    if (context.globalIdx == 0 && layer.get(0) < 0) {
      a.set(0, b.get(0) + 1.0f);
      b.set(0, c.get(0) + 1.0f);
      c.set(0, d.get(0) + 1.0f);
      d.set(0, a.get(0) + 1.0f);
    }
  }

  /** Takes an array of ints. */
  public static void ints(KernelContext context, IntArray layer, IntArray a) {
    if (context.globalIdx == 0 && layer.get(0) < 0) {
      a.set(0, layer.get(0) + 1);
    }
  }

  /** Takes an array of bytes. */
  public static void bytes(KernelContext context, IntArray layer, Int8Array a) {
    if (context.globalIdx == 0 && layer.get(0) < 0) {
      a.set(0, a.get(1));
    }
  }

  /** Takes {@link #ARRAYS} arrays of bytes; no array may be given twice. */
  public static void severalBytes(
      KernelContext context, IntArray layer, Int8Array a, Int8Array b, Int8Array c, Int8Array d) {
    if (context.globalIdx == 0 && layer.get(0) < 0) {
      a.set(0, b.get(0));
      b.set(0, c.get(0));
      c.set(0, d.get(0));
      d.set(0, a.get(0));
    }
  }
}
