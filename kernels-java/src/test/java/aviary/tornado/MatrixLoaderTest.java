package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Layers;
import aviary.model.Model;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Q8_0;
import aviary.model.Weight;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import aviary.tornado.Matrices.Kind;
import aviary.tornado.kernels.Tiles;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/** Every weight of a model is where its tile has it, as exact as it was; no device is needed. */
class MatrixLoaderTest {

  /** All models, and the programs in all types of weights. */
  static Stream<RandomModel> models() {
    return Stream.concat(
        RandomModels.all().stream(),
        RandomModels.programs().stream()
            .flatMap(
                random -> Stream.of(WeightType.values()).map(type -> random.as(type, DType.F32))));
  }

  @ParameterizedTest
  @MethodSource("models")
  void weightsLieInTiles(RandomModel random) {
    new Loaded(random, false).check();
  }

  @ParameterizedTest
  @MethodSource("models")
  void weightsLieInTilesOfADeviceWithHalves(RandomModel random) {
    new Loaded(random, true).check();
  }

  /** The matrices of all layers but the first, and those of the head, cut into pieces. */
  private static final class Loaded {
    private final RandomModel random;
    private final boolean halves;
    private final Model model;
    private final Layers layers;
    private final MatrixLoader loader;

    Loaded(RandomModel random, boolean halves) {
      this.random = random;
      this.halves = halves;
      model = random.model();
      int all = random.config().layers();
      layers = all == 1 ? Layers.all(1) : new Layers(1, all - 1, all);
      loader = new MatrixLoader(model, layers, halves);
    }

    void check() {
      long elements = 20L * random.config().width();
      DeviceProgram program = new DeviceProgram(model, layers, loader::kind, elements);
      for (Launch.Products products : DeviceProgram.products(program.layer)) {
        for (int layer = layers.first(); layer < layers.first() + layers.count(); layer++) {
          int of = layer;
          check(products, weight -> weight.inLayer(of));
        }
      }
      DeviceProgram.products(program.end).forEach(products -> check(products, Weight::name));
    }

    private void check(Launch.Products products, Function<Weight, String> name) {
      Kind kind = loader.kind(products.all().getFirst().weight());
      int size = products.tiles() * Tiles.ROWS * products.columns();
      // Behind another layer's.
      Matrices matrices = allocate(kind, 2 * size);
      loader.write(products, name, matrices, size);
      int tile = 0;
      for (Product product : products.all()) {
        String tensor = name.apply(product.weight());
        assertEquals(expectedKind(model.tensor(tensor)), kind, tensor);
        check(product, tensor, matrices, size + tile * Tiles.ROWS * product.columns());
        tile += product.tiles();
      }
    }

    private static Matrices allocate(Kind kind, int elements) {
      return switch (kind) {
        case F32 -> new Matrices.F32(new FloatArray(elements));
        case F16 -> new Matrices.F16(new HalfFloatArray(elements));
        case Q8 -> new Matrices.Q8(new Int8Array(elements), new FloatArray(elements / Q8_0.BLOCK));
      };
    }

    private Kind expectedKind(Tensor tensor) {
      return switch (tensor.dtype()) {
        case I8 -> tensor.shape()[1] % Q8_0.BLOCK == 0 ? Kind.Q8 : Kind.F32;
        case F16 -> halves ? Kind.F16 : Kind.F32;
        default -> Kind.F32;
      };
    }

    private void check(Product product, String name, Matrices matrices, int at) {
      Right right = new Right(model, product, name);
      for (int row = 0; row < product.tiles() * Tiles.ROWS; row++) {
        for (int column = 0; column < product.columns(); column++) {
          int tile = at + row / Tiles.ROWS * Tiles.ROWS * product.columns();
          int place = tile + column * Tiles.ROWS + row % Tiles.ROWS;
          int scale = tile / Q8_0.BLOCK + column / Q8_0.BLOCK * Tiles.ROWS + row % Tiles.ROWS;
          float actual =
              switch (matrices) {
                case Matrices.F32(FloatArray weights) -> weights.get(place);
                case Matrices.F16(HalfFloatArray weights) ->
                    Float.float16ToFloat(
                        weights.getSegment().getAtIndex(ValueLayout.JAVA_SHORT, place));
                case Matrices.Q8(Int8Array weights, FloatArray scales) ->
                    weights.get(place) * scales.get(scale);
              };
          float expected = row < product.rows() ? right.at(row, column) : 0;
          if (expected != actual) {
            String what = "%s of %s, row %d, column %d".formatted(name, random, row, column);
            assertEquals(expected, actual, what);
          }
        }
      }
    }
  }

  /** What a product's matrix is, read one by one. */
  private static final class Right {
    private final Product product;
    private final float[] numbers;
    private final float[] scales;
    private final int outs;

    Right(Model model, Product product, String name) {
      this.product = product;
      Tensor tensor = model.tensor(name);
      boolean isQ8 = tensor.dtype() == DType.I8;
      numbers = isQ8 ? bytes(tensor) : tensor.toFloats();
      scales = isQ8 ? model.tensor(Q8_0.scaleName(name)).toFloats() : null;
      outs = Math.toIntExact(tensor.shape()[tensor.shape().length - 1]);
    }

    private static float[] bytes(Tensor tensor) {
      float[] numbers = new float[Math.toIntExact(tensor.elements())];
      IntStream.range(0, numbers.length)
          .forEach(i -> numbers[i] = tensor.data().get(ValueLayout.JAVA_BYTE, i));
      return numbers;
    }

    float at(int row, int column) {
      int of = product.firstRow() + row;
      if (product.layout() == Layout.IN_OUT) {
        return numbers[(product.part() * product.columns() + column) * outs + of];
      }
      float number = numbers[of * product.columns() + column];
      int blocks = Math.ceilDiv(product.columns(), Q8_0.BLOCK);
      return scales == null ? number : number * scales[of * blocks + column / Q8_0.BLOCK];
    }
  }

  /** Rows of the embedding lie as they are, floats whatever they were. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void rowsOfTheTableAreFloats(int first) {
    for (RandomModel random : RandomModels.all()) {
      Model model = random.model();
      int width = random.config().width();
      int count = random.config().vocabulary() - first;
      FloatArray table = new FloatArray(count * width);
      new MatrixLoader(model, Layers.all(random.config().layers()), true)
          .writeTable("emb.weight", first, count, table);
      Product rows =
          new Product(
              Weight.of("emb.weight"),
              Layout.OUT_IN,
              0,
              first,
              count,
              width,
              null,
              0,
              0,
              null,
              null,
              null,
              null);
      Right right = new Right(model, rows, "emb.weight");
      for (int i = 0; i < count * width; i++) {
        assertEquals(right.at(i / width, i % width), table.get(i), random.toString());
      }
    }
  }
}
