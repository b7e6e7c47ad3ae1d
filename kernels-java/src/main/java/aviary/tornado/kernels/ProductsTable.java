package aviary.tornado.kernels;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What products with the same columns, that are one launch, have in common: where each number is in
 * a table of ints that belongs to the launch. The numbers are data, and not arguments, since
 * TornadoVM writes arguments into a kernel's code, and then every launch would be compiled anew.
 * But its SPIR-V cannot have loops of such numbers around sums, so that sizes are arguments there.
 */
public final class ProductsTable {

  /** Where the number of rows of activations is in the pass: a place of {@link PassTable}. */
  public static final int ROWS = 0;

  /** The columns of each matrix. */
  public static final int COLUMNS = 1;

  /** The layer of the first weights in the array of weights. */
  public static final int FIRST_LAYER = 2;

  /** The first tile in the table of {@link Tiles}. */
  public static final int FIRST_TILE = 3;

  /** How many tiles a layer has. */
  public static final int TILES = 4;

  /** The first source in the table of sources: tiles that stand for all with their activations. */
  public static final int FIRST_SOURCE = 5;

  /** How many sources there are. */
  public static final int SOURCES = 6;

  /** The ints of the table. */
  public static final int SIZE = 7;

  private ProductsTable() {}

  /**
   * The columns of each matrix, for kernels to call.
   *
   * @param known the number as an argument, which is written into the kernel's code; 0 for none
   */
  static int columns(IntArray products, int known) {
    return known > 0 ? known : products.get(COLUMNS);
  }
}
