package aviary.tornado;

import aviary.tornado.kernels.PassTable;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What passes are about, as kernels read it. */
final class Passes {
  private Passes() {}

  /** An array in which what is not said is far out of range. */
  private static IntArray empty() {
    IntArray pass = new IntArray(PassTable.SIZE);
    pass.init(1 << 20);
    return pass;
  }

  /** So many rows. */
  static IntArray ofRows(int rows) {
    IntArray pass = empty();
    pass.set(PassTable.ROWS, rows);
    return pass;
  }

  /** Work on one slot. */
  static IntArray ofSlot(int slot) {
    IntArray pass = empty();
    pass.set(PassTable.SLOT, slot);
    return pass;
  }

  /** Parts that stand behind each other. */
  static IntArray ofParts(int[] rows, int[] slots) {
    IntArray pass = empty();
    int begin = 0;
    for (int part = 0; part < rows.length; part++) {
      pass.set(PassTable.PART_BEGIN + part, begin);
      pass.set(PassTable.PART_ROWS + part, rows[part]);
      pass.set(PassTable.PART_SLOT + part, slots[part]);
      begin += rows[part];
    }
    pass.set(PassTable.ROWS, begin);
    pass.set(PassTable.PARTS, rows.length);
    return pass;
  }
}
