package aviary.cpu;

import aviary.model.Model;
import aviary.model.Q8_0;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A matrix [out, in] in the type and at the place where the model has it. Its numbers become floats
 * in registers, on the way into a product.
 *
 * <p>Products with one row of activations (decode) are bound by reading the matrix. Their loops go
 * through both halves of the rows at the same time, as two places that are read on and on are read
 * faster than one, and what is read of the activations serves both; where the number of rows is
 * odd, one is computed twice. (Q8_0 does so only where a block fills two vectors.) Where it pays, a
 * row's sums are stored behind the loop over its columns: the compiler takes the checks of a {@link
 * MemorySegment}'s accesses out of a loop only if nothing is stored in it, and they are up to half
 * of a loop's instructions.
 *
 * <p>Each type has a loop of its own, though they look alike: vectors stay in registers only where
 * all that a loop calls is compiled into it, and a loop that several types share would call.
 */
sealed interface Matrix permits F32Matrix, Bf16Matrix, F16Matrix, Q8Matrix {

  /** The number of rows: what comes out of a product. */
  int outs();

  /** The number of columns: what goes into a product. */
  int ins();

  /**
   * Of how many columns {@link #timesOne} and {@link #timesFour} take multiples; other matrices go
   * row by row through {@link #widen}.
   */
  int step();

  /**
   * {@code y[yAt + o] = sum_i W[o][i] x[i]} for the rows {@code from .. to}. The number of columns
   * is a multiple of {@link #step}.
   *
   * @param x [in]
   * @param to behind the last row; may be {@code from}
   */
  void timesOne(float[] x, float[] y, int yAt, int from, int to);

  /**
   * As {@link #timesOne} for four rows of activations, one behind the other: {@code y[yAt + t outs
   * + o] = sum_i W[o][i] x[xAt + t ins + i]} for t of 0 to 3. A weight that is read serves all
   * four.
   */
  void timesFour(float[] x, int xAt, float[] y, int yAt, int from, int to);

  /** The loops of {@link #timesOne}, {@link #timesFour} and {@link ManyRows} for this type. */
  Loops loops();

  /** Writes {@code W[row]} as floats to {@code out}, without vectors. */
  void decode(int row, float[] out);

  /**
   * A row of activations, to be multiplied with rows of the matrix without vectors, and with the
   * results of {@link #timesOne}.
   *
   * @param x [in]; may be overwritten
   */
  PlainRow plainRow(float[] x);

  /** As {@link #plainRow}, with the results of {@link #timesFour}. */
  default PlainRow plainRowOfFour(float[] x) {
    float[] weights = new float[ins()];
    float[] lanes = new float[Lanes.COUNT];
    return row -> {
      decode(row, weights);
      return PlainProducts.dot(weights, x, lanes);
    };
  }

  /** The same weights as a matrix of a smaller shape, of whose numbers nothing is expected. */
  Matrix reshaped(int outs, int ins);

  /** The loops over vectors of a type of matrix. */
  record Loops(VectorLoop one, VectorLoop four, VectorLoop many) {
    Loops() {
      this(new VectorLoop(), new VectorLoop(), new VectorLoop());
    }
  }

  /** Activations that rows of a matrix are multiplied with. */
  @FunctionalInterface
  interface PlainRow {
    /** {@code sum_i W[row][i] x[i]}. */
    float times(int row);
  }

  /** The tensor, row by row. */
  MemorySegment data();

  /** How many weights four bytes of {@link #data} hold: 1, 2 or 4. */
  int weightsInInt();

  /**
   * Turns ints of {@link #data} to floats: a tile that has the columns of 16 rows' ints one behind
   * the other, as {@link IntTile} writes it, becomes {@code 16 weightsInInt()} columns of weights.
   *
   * @param row the first of the 16 rows
   * @param column the weight of a row with which the tile begins
   * @param out takes the first column at {@code at}, and each next one {@code stride} behind
   */
  void widenTile(int[] tile, int row, int column, float[] out, int at, int stride);

  /** Writes {@code W[row]} as floats to {@code out[at ..]}. */
  void widen(int row, float[] out, int at);

  /**
   * {@code y[yAt + o] = sum_i W[o][i] x[xAt + i]} for the rows {@code from .. to}, for any number
   * of columns.
   *
   * @param scratch at least twice {@link #ins} floats
   */
  default void times(float[] x, int xAt, float[] y, int yAt, int from, int to, float[] scratch) {
    float[] activations = x;
    if (xAt != 0) {
      // Loops whose activations begin at any place measured slower.
      System.arraycopy(x, xAt, scratch, 0, ins());
      activations = scratch;
    }
    if (ins() % step() == 0) {
      timesOne(activations, y, yAt, from, to);
      return;
    }
    for (int row = from; row < to; row++) {
      widen(row, scratch, ins());
      y[yAt + row] = ManyRows.dot(scratch, ins(), activations, 0, ins());
    }
  }

  /** A model's matrix [out, in]. */
  static Matrix of(Model model, String name) {
    Tensor tensor = model.tensor(name);
    return switch (tensor.dtype()) {
      case I8 ->
          new Q8Matrix(
              tensor.data(), model.tensor(Q8_0.scaleName(name)).data(), outs(tensor), ins(tensor));
      default -> of(tensor);
    };
  }

  /** A matrix [out, in] of floating-point numbers. */
  static Matrix of(Tensor tensor) {
    return switch (tensor.dtype()) {
      case F32 -> new F32Matrix(tensor.data(), outs(tensor), ins(tensor));
      case BF16 -> new Bf16Matrix(tensor.data(), outs(tensor), ins(tensor));
      case F16 -> new F16Matrix(tensor.data(), outs(tensor), ins(tensor));
      default -> throw new IllegalArgumentException("no matrix can be " + tensor);
    };
  }

  private static int outs(Tensor tensor) {
    return Math.toIntExact(tensor.shape()[0]);
  }

  private static int ins(Tensor tensor) {
    return Math.toIntExact(tensor.shape()[1]);
  }
}
