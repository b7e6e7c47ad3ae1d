package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.model.Op.Activation;
import aviary.reference.ReferenceOps;
import aviary.tornado.kernels.Activations;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.ProductsTable;
import aviary.tornado.kernels.Tiles;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Products of several matrices with the same columns, in one table of tiles, with different ends:
 * what they read, where that is, and what has to come out. Around everything are numbers that are
 * none of it, and around their tiles some of others.
 */
final class TiledProducts {

  /** The layer that runs. */
  static final int LAYER = 6;

  /** The layer of the first weights that are there. */
  static final int FIRST = 5;

  /** How many layers' weights are there. */
  static final int LAYERS = 3;

  /** Tiles in front of those of the products, and behind them. */
  private static final int OTHERS = 3;

  /** Numbers in front of and behind what kernels read and write. */
  private static final int BORDER = 70;

  private static final int LAYER_STRIDE = 211;

  /**
   * A matrix, and what becomes of its sums.
   *
   * @param outs its rows
   * @param activation one of {@link Activations}
   */
  record Ending(int outs, int activation, boolean bias, boolean times, boolean plus) {
    int tiles() {
      return Math.ceilDiv(outs, Tiles.ROWS);
    }

    /** How far apart the results of two rows of activations are: more than they need. */
    int stride() {
      return (tiles() + 1) * Tiles.ROWS;
    }
  }

  /** All activations, and all that may stand at an end, around whole tiles of results. */
  private static final List<Ending> ENDINGS =
      List.of(
          new Ending(66, Activations.NONE, false, false, false),
          new Ending(5, Activations.TANH, true, false, false),
          new Ending(8, Activations.SIGMOID, false, true, false),
          new Ending(3, Activations.SILU, false, false, true),
          new Ending(1, Activations.SQUARED_RELU, true, true, true),
          new Ending(9, Activations.DECAY, true, false, false),
          new Ending(16, Activations.NONE, true, true, true));

  /** A number of a matrix. */
  interface Weights {
    /**
     * The number.
     *
     * @param tile the tile, counted from the first of all products
     * @param row the row in the tile
     */
    double at(int tile, int row, int in);
  }

  final int ins;
  final IntArray tiles;
  final FloatArray values;
  final FloatArray vectors;

  /** The table of what they have in common; rows are those wanted. */
  final IntArray products;

  /** How many tiles a layer has. */
  final int count = ENDINGS.stream().mapToInt(Ending::tiles).sum();

  private final int size;

  /**
   * @param ins the columns
   */
  TiledProducts(RandomArrays random, int ins) {
    this.ins = ins;
    int biases = ENDINGS.stream().mapToInt(ending -> ending.tiles() * Tiles.ROWS).sum();
    vectors = random.floats(BORDER + (LAYER + 1) * LAYER_STRIDE + biases);
    products = new IntArray(ProductsTable.SIZE);
    products.set(ProductsTable.ROWS, PassTable.WANTED);
    products.set(ProductsTable.COLUMNS, ins);
    products.set(ProductsTable.FIRST_LAYER, FIRST);
    products.set(ProductsTable.FIRST_TILE, OTHERS);
    products.set(ProductsTable.TILES, count);
    tiles = new IntArray((2 * OTHERS + count) * Tiles.SIZE);
    tiles.init(0);
    int next = BORDER;
    int[] x = new int[2];
    int[] transposed = new int[2];
    for (int source = 0; source < 2; source++) {
      x[source] = next;
      transposed[source] = next + ins + BORDER;
      next = transposed[source] + ins * PassTable.MOST_ROWS + BORDER;
    }
    int tile = OTHERS;
    for (int p = 0; p < ENDINGS.size(); p++) {
      Ending ending = ENDINGS.get(p);
      int room = ending.stride() * PassTable.MOST_ROWS + BORDER;
      for (int t = 0; t < ending.tiles(); t++) {
        int row = t * Tiles.ROWS;
        int bias = BORDER + (tile - OTHERS) * Tiles.ROWS;
        set(tile, Tiles.X, x[p % 2]);
        set(tile, Tiles.TRANSPOSED, transposed[p % 2]);
        set(tile, Tiles.Y, next + row);
        set(tile, Tiles.Y_STRIDE, ending.stride());
        set(tile, Tiles.ACTIVATION, ending.activation());
        set(tile, Tiles.BIAS, ending.bias() ? bias : Tiles.NONE);
        set(tile, Tiles.BIAS_STRIDE, LAYER_STRIDE);
        set(tile, Tiles.TIMES, ending.times() ? next + room + row : Tiles.NONE);
        set(tile, Tiles.PLUS, ending.plus() ? next + 2 * room + row : Tiles.NONE);
        tile++;
      }
      next += 3 * room;
    }
    size = next;
    values = random.floats(size);
  }

  private void set(int tile, int what, int number) {
    tiles.set(tile * Tiles.SIZE + what, number);
  }

  private int get(int tile, int what) {
    return tiles.get((OTHERS + tile) * Tiles.SIZE + what);
  }

  /** The numbers of a layer's tiles. */
  int elements() {
    return count * ins * Tiles.ROWS;
  }

  /** How many rows of a tile there are; the others are missing, and zeros. */
  int rows(int tile) {
    int first = 0;
    for (Ending ending : ENDINGS) {
      if (tile < first + ending.tiles()) {
        return Math.min(Tiles.ROWS, ending.outs() - (tile - first) * Tiles.ROWS);
      }
      first += ending.tiles();
    }
    throw new IndexOutOfBoundsException(tile);
  }

  /** Where an activation is that products of many rows read. */
  int transposed(int tile, int row, int in) {
    return get(tile, Tiles.TRANSPOSED) + in * PassTable.MOST_ROWS + row;
  }

  /**
   * What has to come of some rows.
   *
   * @param many whether the activations are read where they are transposed
   * @param rows how many rows of activations there are
   * @param room how many rows of results there is room for
   * @param roundings those of a weight
   */
  Expected expect(boolean many, int rows, int room, Weights weights, int roundings) {
    Expected expected = new Expected(values);
    for (int tile = 0; tile < count; tile++) {
      for (int t = 0; t < room; t++) {
        int y = get(tile, Tiles.Y) + t * get(tile, Tiles.Y_STRIDE);
        for (int row = 0; row < Tiles.ROWS; row++) {
          expected.leaveRoom(y + row);
          if (t < rows && row < rows(tile)) {
            expect(expected, many, tile, t, row, weights, roundings);
          }
        }
      }
    }
    return expected;
  }

  /**
   * However it is added up, a term goes through a rounding as a product and at most one for each
   * other term.
   */
  private void expect(
      Expected expected, boolean many, int tile, int t, int row, Weights weights, int roundings) {
    double sum = 0;
    double terms = 0;
    for (int in = 0; in < ins; in++) {
      int x = many ? transposed(tile, t, in) : get(tile, Tiles.X) + in;
      double term = weights.at(tile, row, in) * expected.before(x);
      sum += term;
      terms += Math.abs(term);
    }
    double off = (ins + 1 + roundings) * ROUNDING * terms + Float.MIN_NORMAL;
    int bias = get(tile, Tiles.BIAS);
    if (bias != Tiles.NONE) {
      sum += vectors.get(bias + LAYER * LAYER_STRIDE + row);
      off += ROUNDING * (Math.abs(sum) + off);
    }
    int activation = get(tile, Tiles.ACTIVATION);
    double result = activate(activation, sum);
    off = off(activation, sum, off);
    int place = t * get(tile, Tiles.Y_STRIDE) + row;
    int times = get(tile, Tiles.TIMES);
    if (times != Tiles.NONE) {
      double factor = expected.before(times + place);
      result *= factor;
      off = off * Math.abs(factor) + ROUNDING * Math.abs(result) + Float.MIN_NORMAL;
    }
    int plus = get(tile, Tiles.PLUS);
    if (plus != Tiles.NONE) {
      result += expected.before(plus + place);
      off += ROUNDING * (Math.abs(result) + off);
    }
    expected.set(get(tile, Tiles.Y) + place, result, off);
  }

  /** An activation in doubles. */
  static double activate(int activation, double x) {
    return switch (activation) {
      case Activations.TANH -> ReferenceOps.activate(Activation.TANH, x);
      case Activations.SIGMOID -> ReferenceOps.activate(Activation.SIGMOID, x);
      case Activations.SILU -> ReferenceOps.activate(Activation.SILU, x);
      case Activations.SQUARED_RELU -> ReferenceOps.activate(Activation.SQUARED_RELU, x);
      case Activations.DECAY -> Math.exp(-Math.exp(x));
      default -> x;
    };
  }

  /**
   * How far off an activation may be.
   *
   * <p>Its argument's error grows by the steepest slope: 1 of tanh, 1/4 of the sigmoid, 1.1 of
   * SiLU, 1/e of the decay; that of the square is its own. Then there are its own roundings: OpenCL
   * allows exp 3 units in the last place, tanh 5 and a division 2.5, where a unit is two roundings
   * at most; the sum in front of the division is one more. What the inner exp of the decay is off
   * becomes a relative error of the outer one, times that argument.
   *
   * @param off how far off the argument may be
   */
  static double off(int activation, double x, double off) {
    if (activation == Activations.NONE) {
      return off;
    }
    double result = Math.abs(activate(activation, x));
    double slope =
        switch (activation) {
          case Activations.TANH -> 1;
          case Activations.SIGMOID -> 0.25;
          case Activations.SILU -> 1.1;
          case Activations.SQUARED_RELU -> 2 * Math.abs(x) + off;
          case Activations.DECAY -> 1 / Math.E;
          default -> throw new IllegalArgumentException("no slope of activation " + activation);
        };
    double own = activation == Activations.DECAY && result > 0 ? 6 + 6 * Math.exp(x) : 16;
    return slope * off + own * ROUNDING * result + Float.MIN_NORMAL;
  }
}
