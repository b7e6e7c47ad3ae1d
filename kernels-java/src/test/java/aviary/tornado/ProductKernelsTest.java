package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.model.Op.Activation;
import aviary.reference.ReferenceOps;
import aviary.tornado.Matrices.Kind;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.Activations;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatMulF16;
import aviary.tornado.kernels.MatMulQ8;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.MatVecF16;
import aviary.tornado.kernels.MatVecQ8;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Two products in one launch, by the second of three matrices that an array holds, which are of
 * layers 5 to 7: one whose sums are the results, and one that has a bias, an activation, and
 * numbers to multiply by and to add.
 */
class ProductKernelsTest {
  private static final int FIRST = 5;
  private static final int LAYER = 6;
  private static final int LAYERS = 3;
  private static final int[] MANY = {1, 15, 16, 17, 64};

  /** Numbers in front of and behind what kernels read and write. */
  private static final int BORDER = 70;

  /** Tiles of others in front of ours in the table. */
  private static final int BEGIN = 2;

  private static final int BIAS = 3;
  private static final int BIAS_STRIDE = 29;

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (boolean inGroups : new boolean[] {true, false}) {
      for (int ins : new int[] {1, 33, 100}) {
        cases.add(Arguments.of(Kind.F32, ins, inGroups));
      }
      cases.add(Arguments.of(Kind.F16, 33, inGroups));
      for (int ins : new int[] {32, 96}) {
        cases.add(Arguments.of(Kind.Q8, ins, inGroups));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneRow(Kind kind, int ins, boolean inGroups) {
    Case of = new Case(kind, ins, inGroups);
    try (OneKernel one =
        new OneKernel(inGroups ? MatVec.ITEMS : 4, of.oneRow(), of.arrays(of.layer))) {
      of.check(one, inGroups ? of.tiles() : Math.ceilDiv(of.tiles(), 4), 1);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void manyRows(Kind kind, int ins, boolean inGroups) {
    Case of = new Case(kind, ins, inGroups);
    try (OneKernel one =
        new OneKernel(inGroups ? MatMul.ITEMS : 4, of.manyRows(), of.arrays(of.layer, of.pass))) {
      for (int rows : MANY) {
        of.pass.set(PassTable.WANTED, rows);
        int items = of.tiles() * Math.ceilDiv(rows, MatMul.ROWS);
        of.check(one, inGroups ? of.tiles() : Math.ceilDiv(items, 4), rows);
      }
    }
  }

  /** The matrices of one launch, and the numbers that they work on. */
  private static final class Case {
    final Kind kind;
    final boolean inGroups;
    final TiledMatrix matrix;
    final TiledMatrix sums;
    final TiledMatrix mixed;
    final RandomArrays random = new RandomArrays(41);
    final IntArray layer = RandomArrays.one(LAYER);
    final IntArray pass = Passes.ofWanted(1);
    final IntArray table = new IntArray((BEGIN + 4) * Tiles.SIZE);
    final FloatArray vectors = random.floats(BIAS + (LAYER + 1) * BIAS_STRIDE);
    final FloatArray values;
    final FloatArray floats;
    final HalfFloatArray halves;
    final Int8Array bytes;
    final FloatArray scales;
    final int stride;
    final int room;

    Case(Kind kind, int ins, boolean inGroups) {
      assumeTrue(
          kind != Kind.F16 || DeviceTraits.of(TornadoDevices.find(OneKernel.DEVICE)).halves(),
          OneKernel.DEVICE + " has no half precision (cl_khr_fp16)");
      this.kind = kind;
      this.inGroups = inGroups;
      // Three tiles: of 13 rows, and of 8.
      sums = new TiledMatrix(ins, 13);
      mixed = new TiledMatrix(ins, 8);
      matrix = new TiledMatrix(ins, 24);
      stride = Math.max(ins, 24) + 5;
      room = PassTable.MOST_ROWS * stride + BORDER;
      values = random.floats(BORDER + 6 * room + 2 * ins * PassTable.MOST_ROWS + BORDER);
      int elements = LAYERS * matrix.size();
      floats = random.floats(elements);
      halves = new HalfFloatArray(elements);
      bytes = random.bytes(elements);
      scales = random.floats(Math.max(1, elements / 32));
      for (int i = 0; i < elements; i++) {
        if (!isThere(i % matrix.size())) {
          floats.set(i, 0);
          bytes.set(i, (byte) 0);
        }
        halves.set(i, new HalfFloat(floats.get(i)));
      }
      table.init(1 << 20);
      for (int tile = 0; tile < 2; tile++) {
        write(tile, 0, 2, tile * Tiles.ROWS, Activations.NONE, false);
      }
      write(2, 1, 3, 0, Activations.TANH, true);
    }

    private boolean isThere(int place) {
      return place >= sums.size() || sums.isThere(place);
    }

    int tiles() {
      return matrix.tiles();
    }

    /** Where the activations of both products, their results, and what they end with are. */
    int at(int which) {
      return BORDER + which * room;
    }

    int transposed(int which) {
      return at(6) + which * matrix.ins() * PassTable.MOST_ROWS;
    }

    private void write(int tile, int x, int y, int row, int activation, boolean ends) {
      int at = (BEGIN + tile) * Tiles.SIZE;
      table.set(at + Tiles.X, at(x));
      table.set(at + Tiles.X_STRIDE, stride);
      table.set(at + Tiles.TRANSPOSED, transposed(x));
      table.set(at + Tiles.Y, at(y) + row);
      table.set(at + Tiles.Y_STRIDE, stride);
      table.set(at + Tiles.ACTIVATION, activation);
      table.set(at + Tiles.BIAS, ends ? BIAS : Tiles.NONE);
      table.set(at + Tiles.BIAS_STRIDE, BIAS_STRIDE);
      table.set(at + Tiles.TIMES, ends ? at(4) : Tiles.NONE);
      table.set(at + Tiles.PLUS, ends ? at(5) : Tiles.NONE);
    }

    private double weight(int place) {
      int at = (LAYER - FIRST) * matrix.size() + place;
      return switch (kind) {
        case F32 -> floats.get(at);
        case F16 -> halves.get(at).getFloat32();
        case Q8 -> (double) bytes.get(at) * scales.get(scalePlace(at));
      };
    }

    /** A tile has 8 scales for each 32 columns. */
    private int scalePlace(int at) {
      int tile = at / (matrix.ins() * 8);
      int column = at / 8 % matrix.ins();
      return (tile * (matrix.ins() / 32) + column / 32) * 8 + at % 8;
    }

    /**
     * Runs the kernel, and checks it. However it is added up, a term goes through a rounding as a
     * product, at most one for each other term, and two for a scale. OpenCL allows tanh 5 units in
     * the last place, of two roundings each; it passes errors on no larger than they are.
     */
    void check(OneKernel kernel, int groups, int rows) {
      random.fill(values);
      for (int which = 0; which < 2; which++) {
        for (int item = 0; item < rows * matrix.ins(); item++) {
          int row = item / matrix.ins();
          int column = item % matrix.ins();
          int to = transposed(which) + column * PassTable.MOST_ROWS + row;
          values.set(to, values.get(at(which) + row * stride + column));
        }
      }
      Expected expected = new Expected(values);
      expected.isRoom(at(2), room - BORDER);
      expected.isRoom(at(3), room - BORDER);
      for (int row = 0; row < rows; row++) {
        for (int out = 0; out < sums.outs(); out++) {
          TiledMatrix.Sum sum = sum(expected, 0, row, out);
          expected.set(at(2) + row * stride + out, sum.sum(), bound(sum));
        }
        for (int out = 0; out < mixed.outs(); out++) {
          TiledMatrix.Sum sum = sum(expected, 1, row, 16 + out);
          int place = row * stride + out;
          double bias = vectors.get(BIAS + LAYER * BIAS_STRIDE + out);
          double times = expected.before(at(4) + place);
          double plus = expected.before(at(5) + place);
          double result = plus + times * Math.tanh(sum.sum() + bias);
          double off = bound(sum) + ROUNDING * (sum.size() + Math.abs(bias)) + 10 * ROUNDING;
          double bound = off * Math.abs(times) + 3 * ROUNDING * (Math.abs(plus) + Math.abs(times));
          expected.set(at(3) + place, result, bound);
        }
      }
      kernel.run(groups);
      expected.check(values, () -> "%s, %d rows, %s".formatted(kind, rows, random));
    }

    private TiledMatrix.Sum sum(Expected expected, int which, int row, int out) {
      return matrix.product(
          column -> weight(matrix.place(out, column)),
          column -> expected.before(at(which) + row * stride + column));
    }

    private double bound(TiledMatrix.Sum sum) {
      return (matrix.ins() + 4) * ROUNDING * sum.size() + Float.MIN_NORMAL;
    }

    Object[] arrays(Object... more) {
      List<Object> arrays = new ArrayList<>(List.of(table, values, vectors));
      switch (kind) {
        case F32 -> arrays.add(floats);
        case F16 -> arrays.add(halves);
        case Q8 -> arrays.addAll(List.of(bytes, scales));
      }
      arrays.addAll(Arrays.asList(more));
      return arrays.toArray();
    }

    Kernel oneRow() {
      int count = tiles();
      int ins = matrix.ins();
      return switch (kind) {
        case F32 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatVec::inGroups,
                        context,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        floats,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatVec::plain,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        floats,
                        ins);
        case F16 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatVecF16::inGroups,
                        context,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        halves,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatVecF16::plain,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        halves,
                        ins);
        case Q8 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatVecQ8::inGroups,
                        context,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        bytes,
                        scales,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatVecQ8::plain,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        bytes,
                        scales,
                        ins);
      };
    }

    Kernel manyRows() {
      int count = tiles();
      int ins = matrix.ins();
      int rows = PassTable.WANTED;
      return switch (kind) {
        case F32 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatMul::inGroups,
                        context,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        floats,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatMul::plain,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        floats,
                        ins);
        case F16 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatMulF16::inGroups,
                        context,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        halves,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatMulF16::plain,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        halves,
                        ins);
        case Q8 ->
            inGroups
                ? (tasks, name, context) ->
                    tasks.task(
                        name,
                        MatMulQ8::inGroups,
                        context,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        bytes,
                        scales,
                        ins)
                : (tasks, name, _) ->
                    tasks.task(
                        name,
                        MatMulQ8::plain,
                        pass,
                        rows,
                        layer,
                        FIRST,
                        table,
                        BEGIN,
                        count,
                        values,
                        vectors,
                        bytes,
                        scales,
                        ins);
      };
    }
  }

  /**
   * OpenCL allows exp 3 units in the last place, tanh 5 and a division 2.5, where a unit is two
   * roundings at most; the sum in front of the division is one more. What the outer exp of a decay
   * gets becomes a relative error, times that argument.
   */
  @ParameterizedTest
  @ValueSource(
      ints = {
        Activations.NONE,
        Activations.TANH,
        Activations.SIGMOID,
        Activations.SILU,
        Activations.SQUARED_RELU,
        Activations.DECAY
      })
  void activationsAreThoseOfTheReference(int activation) {
    float[] numbers = {
      -0.0f,
      0.0f,
      1e-30f,
      -1e-30f,
      1e-4f,
      -1e-4f,
      0.5f,
      -0.5f,
      1,
      -1,
      3,
      -3,
      9,
      -9,
      20,
      -20,
      87,
      -87,
      100,
      -100,
      1e4f,
      -1e4f,
      Float.POSITIVE_INFINITY,
      Float.NaN
    };
    int count = numbers.length / Tiles.ROWS;
    FloatArray weights = FloatArray.fromArray(numbers);
    FloatArray values = new FloatArray(1 + numbers.length);
    values.init(0);
    values.set(0, 1);
    IntArray layer = RandomArrays.one(0);
    IntArray table = new IntArray(count * Tiles.SIZE);
    for (int tile = 0; tile < count; tile++) {
      int at = tile * Tiles.SIZE;
      table.set(at + Tiles.X, 0);
      table.set(at + Tiles.Y, 1 + tile * Tiles.ROWS);
      table.set(at + Tiles.ACTIVATION, activation);
      table.set(at + Tiles.BIAS, Tiles.NONE);
      table.set(at + Tiles.TIMES, Tiles.NONE);
      table.set(at + Tiles.PLUS, Tiles.NONE);
    }
    OneKernel.run(
        1,
        count,
        (tasks, name, _) ->
            tasks.task(
                name, MatVec::plain, layer, 0, table, 0, count, values, noVectors, weights, 1),
        layer,
        values,
        table,
        noVectors,
        weights);
    Expected expected = new Expected(values);
    for (int i = 0; i < numbers.length; i++) {
      double right = right(activation, numbers[i]);
      double roundings = 16 + (activation == Activations.DECAY ? 8 * Math.exp(numbers[i]) : 0);
      double bound = Double.isFinite(right) ? roundings * ROUNDING * Math.abs(right) : 0;
      expected.set(1 + i, right, Double.isNaN(bound) ? 0 : bound + Float.MIN_NORMAL);
    }
    expected.check(values, () -> "activation " + activation);
  }

  private final FloatArray noVectors = new FloatArray(1);

  private static double right(int activation, double x) {
    return switch (activation) {
      case Activations.TANH -> ReferenceOps.activate(Activation.TANH, x);
      case Activations.SIGMOID -> ReferenceOps.activate(Activation.SIGMOID, x);
      case Activations.SILU -> ReferenceOps.activate(Activation.SILU, x);
      case Activations.SQUARED_RELU -> ReferenceOps.activate(Activation.SQUARED_RELU, x);
      case Activations.DECAY -> Math.exp(-Math.exp(x));
      default -> x;
    };
  }

  /** In the row of activations that has it, and nowhere else. */
  @Test
  void aNanStaysInItsRow() {
    for (boolean inGroups : new boolean[] {true, false}) {
      Case of = new Case(Kind.F32, 33, inGroups);
      of.pass.set(PassTable.WANTED, 9);
      try (OneKernel one =
          new OneKernel(inGroups ? MatMul.ITEMS : 4, of.manyRows(), of.arrays(of.layer, of.pass))) {
        of.random.fill(of.values);
        of.values.set(of.transposed(0) + 7 * PassTable.MOST_ROWS + 4, Float.NaN);
        one.run(inGroups ? of.tiles() : 1);
        for (int row = 0; row < 9; row++) {
          for (int out = 0; out < of.sums.outs(); out++) {
            boolean isNan = Float.isNaN(of.values.get(of.at(2) + row * of.stride + out));
            assertEquals(row == 4, isNan, "row " + row);
          }
        }
      }
    }
  }
}
