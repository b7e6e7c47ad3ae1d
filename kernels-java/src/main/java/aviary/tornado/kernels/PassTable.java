package aviary.tornado.kernels;

/**
 * Where things are in the array of ints that goes to the device for every pass: which tokens run,
 * for which sequences, and which rows' logits are wanted. Rows of one sequence (a part) stand
 * behind each other.
 */
public final class PassTable {

  /** The most rows in a pass. */
  public static final int MOST_ROWS = 64;

  /** The number of rows. */
  public static final int ROWS = 0;

  /** The number of parts. */
  public static final int PARTS = 1;

  /** The number of rows whose logits are wanted. */
  public static final int WANTED = 2;

  /**
   * What single thing the device is to copy, where that is all it does: the slot of a state, or a
   * row of logits.
   */
  public static final int SLOT = 3;

  /** The tokens, by row. */
  public static final int TOKENS = 16;

  /** The rows whose logits are wanted. */
  public static final int WANTED_ROWS = TOKENS + MOST_ROWS;

  /** The first row of each part. */
  public static final int PART_BEGIN = WANTED_ROWS + MOST_ROWS;

  /** How many rows each part has. */
  public static final int PART_ROWS = PART_BEGIN + MOST_ROWS;

  /** The slot of each part's state. */
  public static final int PART_SLOT = PART_ROWS + MOST_ROWS;

  /** The size of the array. */
  public static final int SIZE = PART_SLOT + MOST_ROWS;

  private PassTable() {}
}
