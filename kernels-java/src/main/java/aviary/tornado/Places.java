package aviary.tornado;

import aviary.model.Value;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.HashMap;
import java.util.Map;

/**
 * Where values are in the array of activations: each has room for the rows of a pass, and each row
 * for whole tiles of results. Values stand in the order in which they were added.
 */
final class Places {
  private final Map<Value, Integer> places = new HashMap<>();
  private int size;

  /** What rows must not lie apart a multiple of: the floats in 1 KB. */
  private static final int CLASH = 256;

  /** The floats in a line of a processor's cache. */
  private static final int LINE = 16;

  /**
   * How far apart two rows of a value are. Rows at large powers of two would share the few places
   * that a processor's cache has for them, and drive each other out.
   */
  static int stride(int width) {
    int tiles = Math.ceilDiv(width, Tiles.ROWS) * Tiles.ROWS;
    return tiles % CLASH == 0 ? tiles + LINE : tiles;
  }

  /** Makes room for the rows of a pass, if there is none yet. */
  void add(Value value) {
    add(value, PassTable.MOST_ROWS);
  }

  /** Makes room for some rows, if there is none yet. */
  void add(Value value, int rows) {
    if (!places.containsKey(value)) {
      places.put(value, room(Math.multiplyExact(stride(value.width()), rows)));
    }
  }

  /** The value stands where the other does. */
  void share(Value value, Value other) {
    places.put(value, of(other));
  }

  /** Makes room for so many numbers that belong to no value. */
  int room(int numbers) {
    int place = size;
    size = Math.addExact(size, numbers);
    return place;
  }

  /** Where a value's first row begins. */
  int of(Value value) {
    Integer place = places.get(value);
    if (place == null) {
      throw new IllegalStateException("no launch gives " + value);
    }
    return place;
  }

  /** The numbers that there is room for. */
  int size() {
    return size;
  }
}
