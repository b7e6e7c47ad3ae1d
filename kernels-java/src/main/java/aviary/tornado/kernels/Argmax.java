package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The place of each row's greatest number, the smallest such place on a tie; 0 where none is a
 * number. So greedy decoding fetches one int a token, and not all logits.
 */
public final class Argmax {

  /** The work items of a group. */
  public static final int ITEMS = 64;

  private Argmax() {}

  /**
   * A group of {@link #ITEMS} a row.
   *
   * @param logits where the rows [rows, V] are in {@code values}
   * @param best takes the places, [rows]
   * @param width V
   * @param stride how far apart two rows of logits are
   */
  public static void inGroups(
      KernelContext context, FloatArray values, int logits, IntArray best, int width, int stride) {
    float[] greatest = context.allocateFloatLocalArray(64);
    int[] places = context.allocateIntLocalArray(64);
    int item = context.localIdx;
    int row = context.groupIdx;
    float most = 0.0f;
    int place = -1;
    int steps = (width + 63) / 64;
    for (int step = 0; step < steps; step++) {
      int i = step * 64 + item;
      if (i < width) {
        float logit = values.get(logits + row * stride + i);
        if (logit > most || place < 0 && logit == logit) {
          most = logit;
          place = i;
        }
      }
    }
    greatest[item] = most;
    places[item] = place;
    for (int half = 32; half > 0; half = half / 2) {
      context.localBarrier();
      if (item < half) {
        int other = places[item + half];
        float its = greatest[item + half];
        int mine = places[item];
        if (other >= 0) {
          if (mine < 0 || its > greatest[item] || its == greatest[item] && other < mine) {
            greatest[item] = its;
            places[item] = other;
          }
        }
      }
    }
    if (item == 0) {
      int found = places[0];
      if (found < 0) {
        found = 0;
      }
      best.set(row, found);
    }
  }

  /** A work item a row; {@code pass} says how many are wanted, all else is as in the other form. */
  public static void plain(
      IntArray pass, FloatArray values, int logits, IntArray best, int width, int stride) {
    for (@Parallel int row = 0; row < pass.get(PassTable.WANTED); row++) {
      float most = 0.0f;
      int place = -1;
      for (int i = 0; i < width; i++) {
        float logit = values.get(logits + row * stride + i);
        if (logit > most || place < 0 && logit == logit) {
          most = logit;
          place = i;
        }
      }
      best.set(row, Math.max(place, 0));
    }
  }
}
