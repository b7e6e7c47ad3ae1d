package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Finch's five lerps whose amounts depend on the token: {@code y_c = from + (to - from) (amount_c +
 * lora_c up_c)}. Grid: a work item a row, c and channel.
 */
public final class DdLerp {

  /** How many lerps there are: for decay, key, value, receptance and gate. */
  public static final int LERPS = 5;

  private DdLerp() {}

  /**
   * Mixes all rows.
   *
   * @param lora [rows, 5 R], five rows of R for each token
   * @param ups [layers, 5, R, D], from layer {@code first} on
   * @param amounts where layer 0's five amounts [5, D] are in {@code vectors}
   * @param stride how far apart two layers' amounts are
   * @param y where the results are: five values behind each other, each with room for {@link
   *     Pass#MOST_ROWS} rows
   * @param width D
   * @param rank R
   */
  public static void mixRows(
      KernelContext context,
      IntArray pass,
      IntArray layer,
      int first,
      FloatArray values,
      int from,
      int to,
      int lora,
      FloatArray ups,
      FloatArray vectors,
      int amounts,
      int stride,
      int y,
      int width,
      int rank) {
    int item = context.globalIdx;
    int channel = item % width;
    int c = item / width % 5;
    int row = item / width / 5;
    if (row < pass.get(Pass.ROWS)) {
      int up = ((layer.get(0) - first) * 5 + c) * rank * width + channel;
      int at = lora + (row * 5 + c) * rank;
      float amount = vectors.get(amounts + layer.get(0) * stride + c * width + channel);
      for (int i = 0; i < rank; i++) {
        amount += values.get(at + i) * ups.get(up + i * width);
      }
      float start = values.get(from + row * width + channel);
      float end = values.get(to + row * width + channel);
      values.set(y + (c * Pass.MOST_ROWS + row) * width + channel, start + (end - start) * amount);
    }
  }
}
