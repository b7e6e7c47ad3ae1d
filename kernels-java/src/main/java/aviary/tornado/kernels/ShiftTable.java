package aviary.tornado.kernels;

/**
 * What {@link TokenShift} works on: where each number is in a table of ints that belongs to the
 * launch, for the same reason as {@link ProductsTable}.
 */
public final class ShiftTable {

  /** Where x is in the values. */
  public static final int X = 0;

  /** Where {@code b - x} goes in the values. */
  public static final int DIFFERENCE = 1;

  /**
   * Where the results of the first lerp go; those of the next are behind, with room for {@link
   * PassTable#MOST_ROWS} rows.
   */
  public static final int Y = 2;

  /** D. */
  public static final int WIDTH = 3;

  /** How far apart two rows of values are. */
  public static final int VALUE_STRIDE = 4;

  /** How many lerps there are. */
  public static final int LERPS = 5;

  /** {@link TokenShift#FROM_X} or {@link TokenShift#FROM_BEFORE}. */
  public static final int DIRECTION = 6;

  /**
   * Where layer 0's amounts of the first lerp are in the vectors, [D]; those of the next are D
   * behind.
   */
  public static final int AMOUNTS = 7;

  /** How far apart the amounts of two layers are. */
  public static final int STRIDE = 8;

  /** How many layers the state has. */
  public static final int LAYERS = 9;

  /** The ints of the table. */
  public static final int SIZE = 10;

  private ShiftTable() {}
}
