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
   * @param shift the {@link ShiftTable}
   * @param shifted the state's rows, [slots, L, D]
   * @param vectors where the amounts are
   */
  public static void shift(
      IntArray pass,
      IntArray layer,
      IntArray shift,
      FloatArray values,
      FloatArray shifted,
      FloatArray vectors) {
    for (@Parallel int item = 0;
        item < pass.get(PassTable.PARTS) * shift.get(ShiftTable.WIDTH);
        item++) {
      int width = shift.get(ShiftTable.WIDTH);
      int stride = shift.get(ShiftTable.VALUE_STRIDE);
      int x = shift.get(ShiftTable.X);
      int difference = shift.get(ShiftTable.DIFFERENCE);
      int y = shift.get(ShiftTable.Y);
      int lerps = shift.get(ShiftTable.LERPS);
      int direction = shift.get(ShiftTable.DIRECTION);
      int part = item / width;
      int channel = item % width;
      int states = pass.get(PassTable.PART_SLOT + part) * shift.get(ShiftTable.LAYERS);
      int kept = (states + layer.get(0)) * width + channel;
      int begin = pass.get(PassTable.PART_BEGIN + part);
      int end = begin + pass.get(PassTable.PART_ROWS + part);
      int weights = layer.get(0) * shift.get(ShiftTable.STRIDE);
      int amount = shift.get(ShiftTable.AMOUNTS) + weights + channel;
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
