package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A state between its slot on the device and an array that goes to or comes from the host, in which
 * stand the time mixes' shifted rows [L, D], the channel mixes' [L, D] and the heads' matrices [L,
 * H, N, N]. Grid of both kernels: a work item a number of the state.
 */
public final class StateCopy {
  private StateCopy() {}

  /**
   * Writes a state to the slot that {@code pass} names.
   *
   * @param shifts L times D
   * @param wkvs L times H times N times N
   */
  public static void put(
      IntArray pass,
      FloatArray state,
      FloatArray attShifts,
      FloatArray ffnShifts,
      FloatArray states,
      int shifts,
      int wkvs) {
    for (@Parallel int item = 0; item < 2 * shifts + wkvs; item++) {
      int slot = pass.get(PassTable.SLOT);
      if (item < shifts) {
        attShifts.set(slot * shifts + item, state.get(item));
      } else if (item < 2 * shifts) {
        ffnShifts.set(slot * shifts + item - shifts, state.get(item));
      } else {
        states.set(slot * wkvs + item - 2 * shifts, state.get(item));
      }
    }
  }

  /** Reads the state of the slot that {@code pass} names; all as for {@link #put}. */
  public static void get(
      IntArray pass,
      FloatArray state,
      FloatArray attShifts,
      FloatArray ffnShifts,
      FloatArray states,
      int shifts,
      int wkvs) {
    for (@Parallel int item = 0; item < 2 * shifts + wkvs; item++) {
      int slot = pass.get(PassTable.SLOT);
      if (item < shifts) {
        state.set(item, attShifts.get(slot * shifts + item));
      } else if (item < 2 * shifts) {
        state.set(item, ffnShifts.get(slot * shifts + item - shifts));
      } else {
        state.set(item, states.get(slot * wkvs + item - 2 * shifts));
      }
    }
  }
}
