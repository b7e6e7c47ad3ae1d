package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** {@code y[t] = table[token[t]]}. Grid: a work item a number of y. */
public final class Embedding {
  private Embedding() {}

  /**
   * Copies the rows of the tokens that a part of the table has, {@code first .. first + count}.
   * With them layer 0 begins.
   *
   * @param layer see {@link LayerCounter}
   * @param table [count, D]
   * @param y where the rows go in {@code values}
   * @param width D
   * @param stride how far apart two rows of y are
   */
  public static void embed(
      IntArray pass,
      IntArray layer,
      FloatArray table,
      int first,
      int count,
      FloatArray values,
      int y,
      int width,
      int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.ROWS) * width; item++) {
      if (item == 0) {
        layer.set(0, 0);
      }
      int row = item / width;
      int channel = item % width;
      int token = pass.get(PassTable.TOKENS + row);
      // Not as first <= token < first + count, of which the compiler makes one unsigned comparison;
      // TornadoVM's SPIR-V takes that for a signed one.
      if (token == Math.min(Math.max(token, first), first + count - 1)) {
        values.set(y + row * stride + channel, table.get((token - first) * width + channel));
      }
    }
  }
}
