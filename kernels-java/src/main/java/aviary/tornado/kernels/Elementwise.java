package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Sums and products channel by channel. Grid of both kernels: a work item a number of y. */
public final class Elementwise {
  private Elementwise() {}

  /** {@code y = a b}. */
  public static void multiply(
      KernelContext context, IntArray pass, FloatArray values, int a, int b, int y, int width) {
    int item = context.globalIdx;
    if (item < pass.get(Pass.ROWS) * width) {
      values.set(y + item, values.get(a + item) * values.get(b + item));
    }
  }

  /** {@code y = a + b}. */
  public static void add(
      KernelContext context, IntArray pass, FloatArray values, int a, int b, int y, int width) {
    int item = context.globalIdx;
    if (item < pass.get(Pass.ROWS) * width) {
      values.set(y + item, values.get(a + item) + values.get(b + item));
    }
  }
}
