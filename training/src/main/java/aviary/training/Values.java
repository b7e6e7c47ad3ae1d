package aviary.training;

import aviary.model.Value;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows of the values of one run of some operations. Arrays are kept from batch to batch.
 *
 * <p>For gradients it also knows which have been written: the first who adds to a gradient sets it,
 * so that nothing has to be cleared. For one thread: workers are given arrays.
 */
final class Values {
  private final Map<Value, float[]> arrays = new HashMap<>();
  private final Map<Value, Boolean> written = new HashMap<>();
  private int rows;

  /** Begins anew, with so many rows. */
  void begin(int newRows) {
    rows = newRows;
    written.clear();
  }

  int rows() {
    return rows;
  }

  /** The rows of a value, one behind the other; with room for as many as there are, or more. */
  float[] of(Value value) {
    float[] array = arrays.get(value);
    int size = Math.multiplyExact(rows, value.width());
    if (array == null || array.length < size) {
      array = new float[size];
      arrays.put(value, array);
    }
    return array;
  }

  /**
   * Says that somebody writes a value; gives whether somebody did before, and it is to be added to.
   */
  boolean add(Value value) {
    return written.put(value, true) != null;
  }

  /** Copies rows that are there elsewhere, as the first who writes them. */
  void set(Value value, float[] from) {
    System.arraycopy(from, 0, of(value), 0, rows * value.width());
    written.put(value, true);
  }
}
