package aviary.tornado.kernels;

/**
 * Matrices of products lie in tiles of {@link #ROWS} rows, column by column: [tiles, in, 8]. Rows
 * that are missing from the last tile of a matrix are zeros, and values have room for their
 * results. A table of ints says of each tile where its activations are and where its results go, so
 * that tiles of several matrices, with the same columns, can be one launch. Places are places in
 * the array of values, but for the bias.
 *
 * <p>With s a row of the matrix times the activations, the result is {@code plus + times *
 * activation(s + bias)}.
 */
public final class Tiles {

  /** The rows of a tile. */
  public static final int ROWS = 8;

  /** Where the first row of activations is. */
  public static final int X = 0;

  /** How far apart two rows of activations are. */
  public static final int X_STRIDE = 1;

  /** Where the activations are with rows and columns exchanged, as {@link Transpose} has them. */
  public static final int TRANSPOSED = 2;

  /** Where the tile's results of the first row of activations go. */
  public static final int Y = 3;

  /** How far apart the results of two rows of activations are; it holds for times and plus, too. */
  public static final int Y_STRIDE = 4;

  /** One of {@link Activations}. */
  public static final int ACTIVATION = 5;

  /** Where layer 0's bias is in the array of vectors, or {@link #NONE}. */
  public static final int BIAS = 6;

  /** How far apart the biases of two layers are. */
  public static final int BIAS_STRIDE = 7;

  /** Where the numbers are that results are multiplied by, or {@link #NONE}. */
  public static final int TIMES = 8;

  /** Where the numbers are that are added to results, or {@link #NONE}. */
  public static final int PLUS = 9;

  /** The ints of a tile. */
  public static final int SIZE = 10;

  /** There is no such thing. */
  public static final int NONE = -1;

  private Tiles() {}
}
