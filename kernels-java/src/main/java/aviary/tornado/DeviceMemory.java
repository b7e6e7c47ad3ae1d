package aviary.tornado;

import aviary.InputException;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The arrays that an engine keeps on its device. What they take together is counted before any of
 * them is made, so that a model that does not fit is refused before anything is copied.
 */
final class DeviceMemory {
  private final String device;
  private final long allocation;
  private final List<FloatArray> floats = new ArrayList<>();
  private final List<HalfFloatArray> halves = new ArrayList<>();
  private final List<Int8Array> bytes = new ArrayList<>();
  private final List<IntArray> ints = new ArrayList<>();

  /**
   * @param device what the user calls it
   * @param allocation the largest array that it can have, in bytes
   */
  DeviceMemory(String device, long allocation) {
    this.device = device;
    this.allocation = allocation;
  }

  private int fitting(long count, int bytes) {
    if (count > Integer.MAX_VALUE - 64 || count * bytes > allocation) {
      throw new InputException(
          "device %s: the model needs an array of %d MiB there, and the largest can have %d MiB"
              .formatted(device, count * bytes >> 20, allocation >> 20));
    }
    return Math.toIntExact(Math.max(1, count));
  }

  /**
   * An array of so many.
   *
   * @throws InputException if the device has none so large
   */
  FloatArray floats(long count) {
    FloatArray array = new FloatArray(fitting(count, Float.BYTES));
    floats.add(array);
    return array;
  }

  Int8Array bytes(long count) {
    Int8Array array = new Int8Array(fitting(count, Byte.BYTES));
    bytes.add(array);
    return array;
  }

  HalfFloatArray halves(long count) {
    HalfFloatArray array = new HalfFloatArray(fitting(count, Short.BYTES));
    halves.add(array);
    return array;
  }

  /** Ints with those contents. */
  IntArray ints(int... numbers) {
    IntArray array = new IntArray(Math.max(1, numbers.length));
    array.init(0);
    for (int i = 0; i < numbers.length; i++) {
      array.set(i, numbers[i]);
    }
    ints.add(array);
    return array;
  }

  List<FloatArray> allFloats() {
    return floats;
  }

  List<HalfFloatArray> allHalves() {
    return halves;
  }

  List<Int8Array> allBytes() {
    return bytes;
  }

  List<IntArray> allInts() {
    return ints;
  }

  Object[] all() {
    List<Object> all = new ArrayList<>();
    all.addAll(floats);
    all.addAll(halves);
    all.addAll(bytes);
    all.addAll(ints);
    return all.toArray();
  }

  /**
   * Checks that so much fits.
   *
   * @throws InputException if it does not; both numbers are named
   */
  static void require(String device, long needed, long there) {
    if (needed > there) {
      throw new InputException(
          ("device %s: the model and its states need %d MiB there, and the device has %d MiB; "
                  + "--dtype q8_0 makes a model smaller, and --split layers shares it out to several"
                  + " devices")
              .formatted(device, needed >> 20, there >> 20));
    }
  }
}
