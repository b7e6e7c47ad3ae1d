package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.function.Supplier;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What a kernel has to leave of an array: some numbers, anything where there is room for what
 * nobody reads, and all others as they were.
 */
final class Expected {

  /** Half the distance from 1 to the next float: how far off, relatively, a rounding can be. */
  static final double ROUNDING = 0x1p-24;

  private final float[] before;
  private final double[] numbers;
  private final double[] bounds;
  private final BitSet written = new BitSet();
  private final BitSet room = new BitSet();

  /**
   * @param array as the kernel is to find it
   */
  Expected(FloatArray array) {
    before = RandomArrays.copy(array);
    numbers = new double[before.length];
    bounds = new double[before.length];
  }

  /** A number that the kernel finds. */
  double before(int place) {
    return before[place];
  }

  /**
   * The kernel has to write a number.
   *
   * @param bound how far off it may be; NaN has to be NaN
   */
  void set(int place, double number, double bound) {
    numbers[place] = number;
    bounds[place] = Double.isNaN(number) ? 0 : bound;
    written.set(place);
  }

  /** The kernel may write what it likes, if it does not have to write a number. */
  void leaveRoom(int place) {
    room.set(place);
  }

  /** Fails unless the array is so. */
  void check(FloatArray array, Supplier<String> what) {
    for (int i = 0; i < before.length; i++) {
      int place = i;
      if (written.get(i)) {
        assertEquals(numbers[i], array.get(i), bounds[i], () -> what.get() + ", number " + place);
      } else if (!room.get(i)) {
        assertEquals(
            before[i],
            array.get(i),
            () -> what.get() + ", a number that is no result was written: " + place);
      }
    }
  }
}
