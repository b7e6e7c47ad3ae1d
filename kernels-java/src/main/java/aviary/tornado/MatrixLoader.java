package aviary.tornado;

import aviary.engine.Layers;
import aviary.model.Inventory;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Q8_0;
import aviary.model.Weight;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import aviary.tornado.Matrices.Kind;
import aviary.tornado.kernels.Tiles;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Copies a model's matrices into the arrays that go to a device. */
final class MatrixLoader {

  private static final int ROWS = Tiles.ROWS;

  private final Model model;
  private final Layers layers;
  private final boolean halves;

  /**
   * @param layers which layers' matrices are asked for
   * @param halves whether the device has 16-bit floats
   */
  MatrixLoader(Model model, Layers layers, boolean halves) {
    this.model = model;
    this.layers = layers;
    this.halves = halves;
  }

  /**
   * What the device gets of a matrix: bytes where all layers have whole blocks of Q8_0, 16-bit
   * floats where all have these, and otherwise floats.
   */
  Kind kind(Weight weight) {
    List<Tensor> tensors = tensors(weight);
    if (tensors.stream().allMatch(MatrixLoader::hasWholeBlocks)) {
      return Kind.Q8;
    }
    boolean allHalves = tensors.stream().allMatch(tensor -> tensor.dtype() == DType.F16);
    return halves && allHalves ? Kind.F16 : Kind.F32;
  }

  /** What the matrices of a model's layers take on a device at least, by their shapes. */
  static long bytes(ModelConfig config, WeightType type, Layers layers, DeviceTraits traits) {
    Inventory inventory = Inventory.of(config);
    long embedding = layers.takesTokens() ? elements(inventory.start()) : 0;
    long products =
        layers.count() * elements(inventory.layer())
            + (layers.givesLogits() ? elements(inventory.end()) : 0);
    double each =
        switch (type) {
          case F32, BF16 -> Float.BYTES;
          case F16 -> traits.halves() ? Short.BYTES : Float.BYTES;
          case Q8_0 -> 1 + (double) Float.BYTES / Q8_0.BLOCK;
        };
    return embedding * Float.BYTES + (long) (products * each);
  }

  private static long elements(List<Inventory.Item> items) {
    return items.stream().mapToLong(Inventory.Item::elements).sum();
  }

  private List<Tensor> tensors(Weight weight) {
    if (model.tensors().containsKey(weight.name())) {
      return List.of(model.tensor(weight.name()));
    }
    return IntStream.range(layers.first(), layers.first() + layers.count())
        .mapToObj(layer -> model.tensor(weight.inLayer(layer)))
        .toList();
  }

  private static boolean hasWholeBlocks(Tensor tensor) {
    return tensor.dtype() == DType.I8 && tensor.shape()[1] % Q8_0.BLOCK == 0;
  }

  /** The bytes that products' matrices of one layer take on the device. */
  long bytes(Launch.Products products) {
    long elements = (long) products.tiles() * ROWS * products.columns();
    return switch (kind(products.all().getFirst().weight())) {
      case F32 -> elements * Float.BYTES;
      case F16 -> elements * Short.BYTES;
      case Q8 -> elements + elements / Q8_0.BLOCK * Float.BYTES;
    };
  }

  /**
   * Writes products' matrices of one layer, in tiles.
   *
   * @param name the full name of a weight's tensor
   * @param to of the weights' kind
   * @param at where they go in the array of weights
   */
  void write(Launch.Products products, Function<Weight, String> name, Matrices to, long at) {
    long next = at;
    for (Product product : products.all()) {
      long first = next;
      long tile = (long) ROWS * product.columns();
      String tensor = name.apply(product.weight());
      IntStream.range(0, product.tiles())
          .parallel()
          .forEach(i -> write(product, tensor, i * ROWS, to, first + i * tile));
      next += product.tiles() * tile;
    }
  }

  private void write(Product product, String name, int row, Matrices to, long at) {
    switch (to) {
      case Matrices.F32 f32 ->
          MemorySegment.copy(
              MemorySegment.ofArray(floats(product, name, row)),
              0,
              f32.weights().getSegment(),
              at * Float.BYTES,
              (long) ROWS * product.columns() * Float.BYTES);
      case Matrices.F16 f16 -> {
        float[] floats = floats(product, name, row);
        MemorySegment segment = f16.weights().getSegment();
        for (int i = 0; i < floats.length; i++) {
          segment.setAtIndex(ValueLayout.JAVA_SHORT, at + i, Float.floatToFloat16(floats[i]));
        }
      }
      case Matrices.Q8 q8 -> writeQ8(product, name, row, q8, at);
    }
  }

  /** A tile as floats, column by column; rows behind the last are zeros. */
  private float[] floats(Product product, String name, int row) {
    Tensor tensor = model.tensor(name);
    int columns = product.columns();
    int rows = Math.min(ROWS, product.rows() - row);
    float[] tile = new float[ROWS * columns];
    if (product.layout() == Layout.IN_OUT) {
      long outs = tensor.shape()[tensor.shape().length - 1];
      for (int column = 0; column < columns; column++) {
        long from = ((long) product.part() * columns + column) * outs + product.firstRow() + row;
        tensor.read(from, tile, column * ROWS, rows);
      }
      return tile;
    }
    float[] numbers = new float[columns];
    for (int i = 0; i < rows; i++) {
      readRow(tensor, product.firstRow() + row + i, numbers);
      for (int column = 0; column < columns; column++) {
        tile[column * ROWS + i] = numbers[column];
      }
    }
    return tile;
  }

  private void writeQ8(Product product, String name, int row, Matrices.Q8 to, long at) {
    Tensor bytes = model.tensor(name);
    Tensor scales = model.tensor(Q8_0.scaleName(name));
    int columns = product.columns();
    int blocks = columns / Q8_0.BLOCK;
    float[] factors = new float[blocks];
    MemorySegment weights = to.weights().getSegment();
    MemorySegment factorsTo = to.scales().getSegment();
    for (int i = 0; i < ROWS; i++) {
      boolean isThere = row + i < product.rows();
      long from = product.firstRow() + row + i;
      if (isThere) {
        scales.read(from * blocks, factors, 0, blocks);
      }
      for (int column = 0; column < columns; column++) {
        byte weight =
            isThere ? bytes.data().get(ValueLayout.JAVA_BYTE, from * columns + column) : 0;
        weights.set(ValueLayout.JAVA_BYTE, at + (long) column * ROWS + i, weight);
      }
      for (int block = 0; block < blocks; block++) {
        factorsTo.setAtIndex(
            ValueLayout.JAVA_FLOAT,
            at / Q8_0.BLOCK + (long) block * ROWS + i,
            isThere ? factors[block] : 0);
      }
    }
  }

  /** Writes rows of a table as they lie, as floats. */
  void writeTable(String name, int first, int count, FloatArray to) {
    Tensor tensor = model.tensor(name);
    MemorySegment segment = to.getSegment();
    int columns = Math.toIntExact(tensor.shape()[1]);
    IntStream.range(0, count)
        .parallel()
        .forEach(row -> {
          float[] numbers = new float[columns];
          readRow(tensor, first + row, numbers);
          MemorySegment.copy(
              numbers,
              0,
              segment,
              ValueLayout.JAVA_FLOAT,
              (long) row * columns * Float.BYTES,
              columns);
        });
  }

  /** Reads a row as floats, of Q8_0 too. */
  private void readRow(Tensor tensor, long row, float[] numbers) {
    if (tensor.dtype() != DType.I8) {
      tensor.read(row * numbers.length, numbers, 0, numbers.length);
      return;
    }
    int blocks = Math.toIntExact(Q8_0.blocks(numbers.length));
    float[] factors = new float[blocks];
    model.tensor(Q8_0.scaleName(tensor.name())).read(row * blocks, factors, 0, blocks);
    for (int i = 0; i < numbers.length; i++) {
      byte weight = tensor.data().get(ValueLayout.JAVA_BYTE, row * numbers.length + i);
      numbers[i] = weight * factors[i / Q8_0.BLOCK];
    }
  }
}
