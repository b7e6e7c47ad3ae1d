package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that change nothing: an array comes to the device only as an argument of one. The layer
 * is never negative, but the compiler does not know. Grid: one work item that looks.
 */
public final class Touch {

  /** How many arrays {@link #severalFloats} takes. */
  public static final int ARRAYS = 6;

  private Touch() {}

  /** Takes an array of floats. */
  public static void floats(IntArray layer, FloatArray a) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, a.get(0) + 1.0f);
      }
    }
  }

  /** Takes {@link #ARRAYS} arrays of floats; no array may be given twice. */
  public static void severalFloats(
      IntArray layer,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      FloatArray f) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, b.get(0));
        b.set(0, c.get(0));
        c.set(0, d.get(0));
        d.set(0, e.get(0));
        e.set(0, f.get(0));
        f.set(0, a.get(0));
      }
    }
  }

  /** Takes the arrays of ints that every pass needs; no array may be given twice. */
  public static void ints(IntArray layer, IntArray a, IntArray b, IntArray c) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, b.get(0));
        b.set(0, c.get(0));
        c.set(0, a.get(0));
      }
    }
  }

  /** Takes an array of F16 numbers. */
  public static void halves(IntArray layer, HalfFloatArray a) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, a.get(1));
      }
    }
  }

  /** Takes an array of bytes. */
  public static void bytes(IntArray layer, Int8Array a) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, a.get(1));
      }
    }
  }
}
