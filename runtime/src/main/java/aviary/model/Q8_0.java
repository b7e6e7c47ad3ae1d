package aviary.model;

/**
 * The layout of weights in {@link WeightType#Q8_0}. A row of a matrix [out, in] is cut into blocks
 * of {@value #BLOCK} weights, of which the last may be shorter; a weight is its byte times its
 * block's scale. The bytes are an I8 tensor of the matrix's name and shape, the scales an F16
 * tensor [out, ceil(in / 32)] beside it.
 */
public final class Q8_0 {

  /** The weights that share a scale. */
  public static final int BLOCK = 32;

  private Q8_0() {}

  /** The blocks in a row of so many weights. */
  public static long blocks(long columns) {
    return Math.ceilDiv(columns, BLOCK);
  }

  /** The name of the tensor that holds a matrix's scales. */
  public static String scaleName(String matrix) {
    return matrix + ".scale";
  }
}
