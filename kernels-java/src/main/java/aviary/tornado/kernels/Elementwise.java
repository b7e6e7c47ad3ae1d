package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sums and products channel by channel, where no product of a matrix or group norm takes them in.
 * Grid of both kernels: a work item a number of y.
 */
public final class Elementwise {
  private Elementwise() {}

  /**
   * {@code y = a b}.
   *
   * @param stride how far apart two rows are
   */
  public static void multiply(IntArray pass, FloatArray values, int a, int b, int y, int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * stride; item++) {
      values.set(y + item, values.get(a + item) * values.get(b + item));
    }
  }

  /** {@code y = a + b}; all as for {@link #multiply}. */
  public static void add(IntArray pass, FloatArray values, int a, int b, int y, int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * stride; item++) {
      values.set(y + item, values.get(a + item) + values.get(b + item));
    }
  }
}
