package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** {@code y[t] = table[token[t]]}. Grid: a work item a number of y. */
public final class Embedding {
  private Embedding() {}

  /**
   * Copies the rows of the tokens that a part of the table has, {@code first .. first + count}.
   *
   * @param table [count, D]
   * @param y where the rows go in {@code values}
   * @param width D
   */
  public static void embed(
      KernelContext context,
      IntArray pass,
      FloatArray table,
      int first,
      int count,
      FloatArray values,
      int y,
      int width) {
    int item = context.globalIdx;
    int row = item / width;
    if (row < pass.get(Pass.ROWS)) {
      int token = pass.get(Pass.TOKENS + row) - first;
      if (token >= 0 && token < count) {
        values.set(y + item, table.get(token * width + item % width));
      }
    }
  }
}
