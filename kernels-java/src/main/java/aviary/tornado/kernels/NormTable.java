package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What {@link GroupNorm} works on: where each number is in a table of ints that belongs to the
 * launch, for the same reason as {@link ProductsTable}. A row has G parts.
 */
public final class NormTable {

  /** Where the number of rows is in the pass: a place of {@link PassTable}. */
  public static final int ROWS = 0;

  /** Where x is in the values. */
  public static final int X = 1;

  /** Where y goes in the values. */
  public static final int Y = 2;

  /** Where the numbers are that results are multiplied by, or {@link Tiles#NONE}. */
  public static final int GATE = 3;

  /** How far apart two rows of values are. */
  public static final int VALUE_STRIDE = 4;

  /** Where layer 0's scale [D] is in the vectors. */
  public static final int SCALE = 5;

  /** Where layer 0's bias [D] is in the vectors. */
  public static final int BIAS = 6;

  /** How far apart the scales, and the biases, of two layers are. */
  public static final int STRIDE = 7;

  /** G. */
  public static final int GROUPS = 8;

  /** The numbers of a part: D / G. */
  public static final int GROUP_SIZE = 9;

  /** Where epsilon is in the vectors. */
  public static final int EPSILON = 10;

  /**
   * 1 if rows of x are those that the pass names as wanted, 0 if they are the first ones. A factor,
   * since a choice between a number and one from memory is more than TornadoVM's SPIR-V can do.
   */
  public static final int WANTED = 11;

  /** The ints of the table. */
  public static final int SIZE = 12;

  private NormTable() {}

  /**
   * G, for kernels to call.
   *
   * @param known the number as an argument; 0 for none
   */
  static int groups(IntArray norm, int known) {
    return known > 0 ? known : norm.get(GROUPS);
  }

  /** The numbers of a part, as {@link #groups}. */
  static int size(IntArray norm, int known) {
    return known > 0 ? known : norm.get(GROUP_SIZE);
  }
}
