package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.model.Op.Activation;
import aviary.reference.ReferenceOps;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.Activations;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatMulQ8;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.MatVecQ8;
import aviary.tornado.kernels.Pass;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Products by the second of three matrices that an array holds, which are of layers 5 to 7. */
class MatrixKernelsTest {
  private static final int FIRST = 5;
  private static final int LAYER = 6;
  private static final int LAYERS = 3;

  /** All that a tile may have, and more tiles. */
  private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 64};

  /** Numbers in front of and behind what kernels read and write. */
  private static final int BORDER = 70;

  /** Numbers between the results of two rows. */
  private static final int GAP = 3;

  /** What a product is of, [outs, ins]. */
  record Shape(int ins, int outs) {}

  /** Around what work items share of results and columns, and the tiles of 64 results. */
  static List<Shape> shapes() {
    return List.of(
        new Shape(1, 66),
        new Shape(33, 5),
        new Shape(64, 3),
        new Shape(100, 66),
        new Shape(320, 1));
  }

  /** Of whole blocks; more than 64 of them, too. */
  static List<Shape> blockShapes() {
    return List.of(
        new Shape(32, 66),
        new Shape(64, 5),
        new Shape(96, 3),
        new Shape(320, 66),
        new Shape(2080, 1));
  }

  /** Activations and results, with numbers around them that are neither. */
  private record Values(RandomArrays random, Shape shape, int rows, FloatArray array) {
    static Values draw(RandomArrays random, Shape shape, int rows) {
      return new Values(
          random,
          shape,
          rows,
          random.floats(3 * BORDER + rows * (shape.ins() + shape.outs() + GAP)));
    }

    int x() {
      return BORDER;
    }

    int stride() {
      return shape.outs() + GAP;
    }

    int y() {
      return 2 * BORDER + rows * shape.ins();
    }

    /**
     * Runs a product of some rows, and checks it. However it is added up, a term goes through a
     * rounding as a product and at most one for each other term.
     *
     * @param weight the layer's matrix
     * @param roundings those of a weight
     */
    void check(OneKernel kernel, int groups, int count, IntToDoubleFunction weight, int roundings) {
      random.fill(array);
      Expected expected = new Expected(array);
      for (int row = 0; row < count; row++) {
        for (int out = 0; out < shape.outs(); out++) {
          double sum = 0;
          double size = 0;
          for (int in = 0; in < shape.ins(); in++) {
            double term =
                weight.applyAsDouble(out * shape.ins() + in)
                    * expected.before(x() + row * shape.ins() + in);
            sum += term;
            size += Math.abs(term);
          }
          double bound = (shape.ins() + 1 + roundings) * ROUNDING * size + Float.MIN_NORMAL;
          expected.set(y() + row * stride() + out, sum, bound);
        }
      }
      kernel.run(groups);
      expected.check(array, () -> "%s, %d rows, %s".formatted(shape, count, random));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aVectorTimesFloats(Shape shape) {
    RandomArrays random = new RandomArrays(41);
    IntArray layer = RandomArrays.one(LAYER);
    FloatArray weights = random.floats(LAYERS * shape.ins() * shape.outs());
    Values values = Values.draw(random, shape, 1);
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                MatVec::product,
                context,
                layer,
                FIRST,
                values.array(),
                values.x(),
                weights,
                values.y(),
                shape.ins(),
                shape.outs(),
                Activations.NONE);
    try (OneKernel one = new OneKernel(MatVec.ITEMS, kernel, layer, values.array(), weights)) {
      int groups = Math.ceilDiv(shape.outs(), MatVec.ROWS);
      values.check(one, groups, 1, floats(weights, shape), 0);
      values.check(one, groups + 1, 1, floats(weights, shape), 0);
    }
  }

  @ParameterizedTest
  @MethodSource("blockShapes")
  void aVectorTimesQ8(Shape shape) {
    RandomArrays random = new RandomArrays(42);
    IntArray layer = RandomArrays.one(LAYER);
    Int8Array weights = random.bytes(LAYERS * shape.ins() * shape.outs());
    FloatArray scales = random.floats(weights.getSize() / 32);
    Values values = Values.draw(random, shape, 1);
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                MatVecQ8::product,
                context,
                layer,
                FIRST,
                values.array(),
                values.x(),
                weights,
                scales,
                values.y(),
                shape.ins(),
                shape.outs(),
                Activations.NONE);
    try (OneKernel one =
        new OneKernel(MatVecQ8.ITEMS, kernel, layer, values.array(), weights, scales)) {
      int groups = Math.ceilDiv(shape.outs(), MatVecQ8.ROWS);
      values.check(one, groups, 1, q8(weights, scales, shape), 1);
      values.check(one, groups + 1, 1, q8(weights, scales, shape), 1);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void rowsTimesFloats(Shape shape) {
    RandomArrays random = new RandomArrays(43);
    IntArray pass = Passes.ofRows(1);
    IntArray layer = RandomArrays.one(LAYER);
    FloatArray weights = random.floats(LAYERS * shape.ins() * shape.outs());
    Values values = Values.draw(random, shape, Pass.MOST_ROWS);
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                MatMul::product,
                context,
                pass,
                Pass.ROWS,
                layer,
                FIRST,
                values.array(),
                values.x(),
                weights,
                values.y(),
                shape.ins(),
                shape.outs(),
                values.stride(),
                Activations.NONE);
    try (OneKernel one =
        new OneKernel(MatMul.ITEMS, kernel, pass, layer, values.array(), weights)) {
      for (int rows : ROWS) {
        pass.set(Pass.ROWS, rows);
        int groups = Math.ceilDiv(rows, MatMul.TOKENS) * Math.ceilDiv(shape.outs(), MatMul.OUTS);
        values.check(one, groups, rows, floats(weights, shape), 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("blockShapes")
  void rowsTimesQ8(Shape shape) {
    RandomArrays random = new RandomArrays(44);
    IntArray pass = Passes.ofRows(1);
    IntArray layer = RandomArrays.one(LAYER);
    Int8Array weights = random.bytes(LAYERS * shape.ins() * shape.outs());
    FloatArray scales = random.floats(weights.getSize() / 32);
    Values values = Values.draw(random, shape, Pass.MOST_ROWS);
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                MatMulQ8::product,
                context,
                pass,
                Pass.WANTED,
                layer,
                FIRST,
                values.array(),
                values.x(),
                weights,
                scales,
                values.y(),
                shape.ins(),
                shape.outs(),
                values.stride(),
                Activations.NONE);
    try (OneKernel one =
        new OneKernel(MatMulQ8.ITEMS, kernel, pass, layer, values.array(), weights, scales)) {
      for (int rows : ROWS) {
        pass.set(Pass.WANTED, rows);
        int groups =
            Math.ceilDiv(rows, MatMulQ8.TOKENS) * Math.ceilDiv(shape.outs(), MatMulQ8.OUTS);
        values.check(one, groups, rows, q8(weights, scales, shape), 1);
      }
    }
  }

  private static IntToDoubleFunction floats(FloatArray weights, Shape shape) {
    int begin = (LAYER - FIRST) * shape.ins() * shape.outs();
    return i -> weights.get(begin + i);
  }

  private static IntToDoubleFunction q8(Int8Array weights, FloatArray scales, Shape shape) {
    int begin = (LAYER - FIRST) * shape.ins() * shape.outs();
    return i -> (double) weights.get(begin + i) * scales.get((begin + i) / 32);
  }

  /**
   * OpenCL allows exp 3 units in the last place, tanh 5 and a division 2.5, where a unit is two
   * roundings at most; the sum in front of the division is one more.
   */
  @ParameterizedTest
  @ValueSource(
      ints = {
        Activations.NONE,
        Activations.TANH,
        Activations.SIGMOID,
        Activations.SILU,
        Activations.SQUARED_RELU
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
    FloatArray weights = FloatArray.fromArray(numbers);
    FloatArray values = new FloatArray(1 + numbers.length);
    values.set(0, 1);
    IntArray layer = RandomArrays.one(0);
    OneKernel.run(
        MatVec.ITEMS,
        Math.ceilDiv(numbers.length, MatVec.ROWS),
        (tasks, name, context) ->
            tasks.task(
                name,
                MatVec::product,
                context,
                layer,
                0,
                values,
                0,
                weights,
                1,
                1,
                numbers.length,
                activation),
        layer,
        values,
        weights);
    Expected expected = new Expected(values);
    for (int i = 0; i < numbers.length; i++) {
      double right = ReferenceOps.activate(function(activation), numbers[i]);
      double bound = Double.isFinite(right) ? 16 * ROUNDING * Math.abs(right) : 0;
      expected.set(1 + i, right, bound + Float.MIN_NORMAL);
    }
    expected.check(values, () -> function(activation).name());
  }

  private static Activation function(int activation) {
    return switch (activation) {
      case Activations.TANH -> Activation.TANH;
      case Activations.SIGMOID -> Activation.SIGMOID;
      case Activations.SILU -> Activation.SILU;
      case Activations.SQUARED_RELU -> Activation.SQUARED_RELU;
      default -> Activation.NONE;
    };
  }

  @Test
  void aNanStaysInItsRow() {
    RandomArrays random = new RandomArrays(45);
    Shape shape = new Shape(33, 5);
    IntArray pass = Passes.ofRows(9);
    IntArray layer = RandomArrays.one(0);
    FloatArray weights = random.floats(33 * 5);
    FloatArray values = random.floats(9 * (33 + 5));
    values.set(4 * 33 + 7, Float.NaN);
    Expected expected = new Expected(values);
    OneKernel.run(
        MatMul.ITEMS,
        2,
        (tasks, name, context) ->
            tasks.task(
                name,
                MatMul::product,
                context,
                pass,
                Pass.ROWS,
                layer,
                0,
                values,
                0,
                weights,
                9 * 33,
                shape.ins(),
                shape.outs(),
                shape.outs(),
                Activations.NONE),
        pass,
        layer,
        values,
        weights);
    for (int row = 0; row < 9; row++) {
      for (int out = 0; out < 5; out++) {
        double sum = 0;
        for (int in = 0; in < 33; in++) {
          sum += weights.get(out * 33 + in) * expected.before(row * 33 + in);
        }
        expected.set(9 * 33 + row * 5 + out, sum, 1e-4);
      }
    }
    expected.check(values, random::toString);
  }
}
