package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Token shift and the lerps that follow it. With {@code b[t] = x[t - 1]}, and the state's row for a
 * part's first, {@code y_c[t] = from + (to - from) amount_c}, where from and to are x and b; the
 * part's last row becomes the state's. Grid: a work item a part and channel, which goes through the
 * part's rows.
 */
public final class TokenShift {

  /** Lerps go from x to what was before: Finch. */
  public static final int FROM_X = 0;

  /** Lerps go from what was before to x: Eagle. */
  public static final int FROM_BEFORE = 1;

  private TokenShift() {}

  /**
   * Shifts all rows.
   *
   * @param difference where {@code b - x} goes in {@code values}
   * @param shifted the state's rows, [slots, L, D]
   * @param layers L
   * @param vectors where the amounts are
   * @param amounts where layer 0's amounts of the first lerp are, [D]; those of the next are {@code
   *     width} behind, and a layer's {@code amountsStride} behind the ones before
   * @param y where the results of the first lerp go; those of the next are behind, with room for
   *     {@link PassTable#MOST_ROWS} rows
   * @param lerps how many lerps there are
   * @param direction {@link #FROM_X} or {@link #FROM_BEFORE}
   * @param width D
   * @param stride how far apart two rows of values are
   */
  public static void shift(
      IntArray pass,
      IntArray layer,
      FloatArray values,
      int x,
      int difference,
      FloatArray shifted,
      int layers,
      FloatArray vectors,
      int amounts,
      int amountsStride,
      int y,
      int lerps,
      int direction,
      int width,
      int stride) {
    for (@Parallel int item = 0; item < pass.get(PassTable.PARTS) * width; item++) {
      int part = item / width;
      int channel = item % width;
      int kept = (pass.get(PassTable.PART_SLOT + part) * layers + layer.get(0)) * width + channel;
      int begin = pass.get(PassTable.PART_BEGIN + part);
      int end = begin + pass.get(PassTable.PART_ROWS + part);
      int amount = amounts + layer.get(0) * amountsStride + channel;
      for (int row = begin; row < end; row++) {
        int at = row * stride + channel;
        float now = values.get(x + at);
        float before = 0.0f;
        if (row == begin) {
          before = shifted.get(kept);
        } else {
          before = values.get(x + at - stride);
        }
        values.set(difference + at, before - now);
        for (int c = 0; c < lerps; c++) {
          float mix = vectors.get(amount + c * width);
          float result = now + (before - now) * mix;
          if (direction == FROM_BEFORE) {
            result = before + (now - before) * mix;
          }
          values.set(y + c * PassTable.MOST_ROWS * stride + at, result);
        }
      }
      shifted.set(kept, values.get(x + (end - 1) * stride + channel));
    }
  }
}
