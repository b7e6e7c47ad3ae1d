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

  /** How many arrays of ints {@link #several} takes, beside the layer. */
  public static final int INTS = 7;

  /** How many arrays of floats {@link #several} takes. */
  public static final int FLOATS = 6;

  private Touch() {}

  /** Takes {@link #INTS} arrays of ints and {@link #FLOATS} of floats, none of them twice. */
  public static void several(
      IntArray layer,
      IntArray a,
      IntArray b,
      IntArray c,
      IntArray d,
      IntArray e,
      IntArray f,
      IntArray g,
      FloatArray t,
      FloatArray u,
      FloatArray v,
      FloatArray w,
      FloatArray x,
      FloatArray y) {
    for (@Parallel int i = 0; i < 1; i++) {
      if (layer.get(i) < 0) {
        a.set(0, b.get(0));
        b.set(0, c.get(0));
        c.set(0, d.get(0));
        d.set(0, e.get(0));
        e.set(0, f.get(0));
        f.set(0, g.get(0));
        g.set(0, a.get(0));
        t.set(0, u.get(0));
        u.set(0, v.get(0));
        v.set(0, w.get(0));
        w.set(0, x.get(0));
        x.set(0, y.get(0));
        y.set(0, t.get(0));
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
