package aviary.tornado;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.Activations;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.ProductsTable;
import aviary.tornado.kernels.Tiles;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** All activations of numbers of all sizes, as a product with them ends. */
class ActivationsTest {
  private static final float[] NUMBERS = {
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

  private static final List<Integer> ACTIVATIONS =
      List.of(
          Activations.NONE,
          Activations.TANH,
          Activations.SIGMOID,
          Activations.SILU,
          Activations.SQUARED_RELU,
          Activations.DECAY);

  /** How far off they may be, says {@link TiledProducts#off}. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void activationsAreThoseOfTheReference(Form form) {
    int count = ACTIVATIONS.size() * NUMBERS.length;
    int tilesOfEach = NUMBERS.length / Tiles.ROWS;
    FloatArray weights = new FloatArray(count);
    FloatArray values = new FloatArray(1 + count);
    values.init(1);
    IntArray tiles = new IntArray(count / Tiles.ROWS * Tiles.SIZE);
    tiles.init(Tiles.NONE);
    for (int i = 0; i < count; i++) {
      weights.set(i, NUMBERS[i % NUMBERS.length]);
    }
    for (int tile = 0; tile < count / Tiles.ROWS; tile++) {
      tiles.set(tile * Tiles.SIZE + Tiles.X, 0);
      tiles.set(tile * Tiles.SIZE + Tiles.Y, 1 + tile * Tiles.ROWS);
      tiles.set(tile * Tiles.SIZE + Tiles.ACTIVATION, ACTIVATIONS.get(tile / tilesOfEach));
    }
    Expected expected = new Expected(values);
    for (int i = 0; i < count; i++) {
      int activation = ACTIVATIONS.get(i / NUMBERS.length);
      double right = TiledProducts.activate(activation, NUMBERS[i % NUMBERS.length]);
      double off = TiledProducts.off(activation, NUMBERS[i % NUMBERS.length], 0);
      expected.set(1 + i, right, Double.isFinite(right) ? off : 0);
    }
    oneColumn(form, values, weights, tiles, count / Tiles.ROWS);
    expected.check(values, () -> form + ", activations " + ACTIVATIONS);
  }

  /** A row of activations of one number, times a matrix of one column. */
  private static void oneColumn(
      Form form, FloatArray values, FloatArray weights, IntArray tiles, int count) {
    IntArray layer = RandomArrays.one(0);
    FloatArray vectors = new FloatArray(1);
    IntArray products = new IntArray(ProductsTable.SIZE);
    products.init(0);
    products.set(ProductsTable.COLUMNS, 1);
    products.set(ProductsTable.TILES, count);
    Kernel kernel =
        (tasks, name, context) ->
            new ProductKernel(form, false, new Matrices.F32(weights))
                .addTo(
                    tasks,
                    name,
                    context,
                    new ProductKernel.Arguments(
                        null,
                        layer,
                        products,
                        OneKernel.traits().inText(1),
                        tiles,
                        values,
                        vectors));
    int items = form == Form.GROUPS ? MatVec.ITEMS : 1;
    OneKernel.run(items, count, kernel, layer, products, tiles, values, vectors, weights);
  }
}
