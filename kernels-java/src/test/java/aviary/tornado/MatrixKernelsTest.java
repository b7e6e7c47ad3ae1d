package aviary.tornado;

import static aviary.tornado.TiledProducts.FIRST;
import static aviary.tornado.TiledProducts.LAYER;
import static aviary.tornado.TiledProducts.LAYERS;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.model.Q8_0;
import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.TiledProducts.Weights;
import aviary.tornado.kernels.MatMul;
import aviary.tornado.kernels.MatVec;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Products by the second of three layers' matrices, which are those of layers 5 to 7. */
class MatrixKernelsTest {

  /** Around what a work item of the plain form takes; one, and all that there may be. */
  private static final int[] ROWS = {1, 15, 16, 17, 64};

  /** Work items of a group of the plain forms. */
  private static final int ITEMS = 4;

  /**
   * A kernel, for a number of columns.
   *
   * @param many whether for many rows of activations
   */
  record Case(Form form, boolean many, int ins) {}

  private static Stream<Case> cases(int... ins) {
    return Stream.of(Form.values())
        .flatMap(form ->
            Stream.of(false, true)
                .flatMap(
                    many -> IntStream.of(ins).mapToObj(columns -> new Case(form, many, columns))));
  }

  /** Around what work items share of columns. */
  static Stream<Case> ofColumns() {
    return cases(1, 33, 64, 100, 320, 1024);
  }

  /** Of whole blocks. */
  static Stream<Case> ofBlocks() {
    return cases(32, 96, 320);
  }

  private final RandomArrays random = new RandomArrays(41);
  private final IntArray pass = Passes.ofRows(3);
  private final IntArray layer = RandomArrays.one(LAYER);

  @ParameterizedTest
  @MethodSource("ofColumns")
  void timesFloats(Case of) {
    TiledProducts products = new TiledProducts(random, of.ins());
    FloatArray weights = random.floats(LAYERS * products.elements(), 1 / Math.sqrt(of.ins()));
    forMissing(products, place -> weights.set(place, 0));
    Weights right = (tile, row, in) -> weights.get(place(products, tile, row, in));
    check(of, products, kernel(of, products, new Matrices.F32(weights)), right, 0, weights);
  }

  @ParameterizedTest
  @MethodSource("ofBlocks")
  void timesQ8(Case of) {
    TiledProducts products = new TiledProducts(random, of.ins());
    Int8Array weights = random.bytes(LAYERS * products.elements());
    forMissing(products, place -> weights.set(place, (byte) 0));
    FloatArray scales =
        random.floats(weights.getSize() / Q8_0.BLOCK, 1 / (73 * Math.sqrt(of.ins())));
    Weights right =
        (tile, row, in) -> {
          int first = place(products, tile, 0, 0) / Q8_0.BLOCK;
          double scale = scales.get(first + in / Q8_0.BLOCK * Tiles.ROWS + row);
          return weights.get(place(products, tile, row, in)) * scale;
        };
    check(
        of,
        products,
        kernel(of, products, new Matrices.Q8(weights, scales)),
        right,
        1,
        weights,
        scales);
  }

  @ParameterizedTest
  @CsvSource({"PLAIN, false", "PLAIN, true", "GROUPS, false", "GROUPS, true"})
  void timesHalves(Form form, boolean many) {
    OneKernel.assumeHalves();
    for (int ins : new int[] {1, 33, 320}) {
      Case of = new Case(form, many, ins);
      TiledProducts products = new TiledProducts(random, ins);
      HalfFloatArray weights = random.halves(LAYERS * products.elements(), 1 / Math.sqrt(ins));
      forMissing(
          products,
          place -> weights.getSegment().setAtIndex(ValueLayout.JAVA_SHORT, place, (short) 0));
      Weights right =
          (tile, row, in) -> {
            int place = place(products, tile, row, in);
            return Float.float16ToFloat(
                weights.getSegment().getAtIndex(ValueLayout.JAVA_SHORT, place));
          };
      check(of, products, kernel(of, products, new Matrices.F16(weights)), right, 0, weights);
    }
  }

  /** Where a weight of the layer that runs is. */
  private static int place(TiledProducts products, int tile, int row, int in) {
    int tiles = (LAYER - FIRST) * products.count + tile;
    return (tiles * products.ins + in) * Tiles.ROWS + row;
  }

  /** Takes the places of what stands for missing rows. */
  private interface Place {
    void set(int place);
  }

  private static void forMissing(TiledProducts products, Place place) {
    for (int tile = 0; tile < products.count; tile++) {
      for (int row = products.rows(tile); row < Tiles.ROWS; row++) {
        for (int in = 0; in < products.ins; in++) {
          place.set(place(products, tile, row, in));
        }
      }
    }
  }

  /**
   * Runs a kernel for several numbers of rows.
   *
   * @param right the layer's matrices
   * @param roundings those of a weight
   * @param weights the arrays that are particular to the kernel
   */
  private void check(
      Case of,
      TiledProducts products,
      Kernel kernel,
      Weights right,
      int roundings,
      Object... weights) {
    assumeTrue(
        of.form() == Form.PLAIN || of.many() || of.ins() < 320 || !OneKernel.traits().sizesInText(),
        "TornadoVM's SPIR-V makes no valid module of work-groups with so many columns");
    Stream<Object> all =
        Stream.of(layer, products.products, products.tiles, products.values, products.vectors);
    Stream<Object> arrays = Stream.concat(all, Stream.of(weights));
    Object[] withPass =
        (of.many() ? Stream.concat(Stream.of(pass), arrays) : arrays).toArray(Object[]::new);
    boolean inGroups = of.form() == Form.GROUPS;
    int items = inGroups ? MatVec.ITEMS : ITEMS;
    try (OneKernel one = new OneKernel(items, kernel, withPass)) {
      for (int rows : of.many() ? ROWS : new int[] {1}) {
        pass.set(PassTable.WANTED, rows);
        random.fill(products.values);
        int pieces = of.many() ? Math.ceilDiv(rows, MatMul.ROWS) : 1;
        int room = of.many() && !inGroups ? pieces * MatMul.ROWS : rows;
        Expected expected = products.expect(of.many(), rows, room, right, roundings);
        one.run(inGroups ? products.count : Math.ceilDiv(products.count * pieces, ITEMS) + 1);
        expected.check(products.values, () -> "%s, %d rows, %s".formatted(of, rows, random));
      }
    }
  }

  private Kernel kernel(Case of, TiledProducts p, Matrices weights) {
    ProductKernel kernel = new ProductKernel(of.form(), of.many(), weights);
    return (tasks, name, context) ->
        kernel.addTo(
            tasks,
            name,
            context,
            new ProductKernel.Arguments(
                pass,
                layer,
                p.products,
                OneKernel.traits().inText(p.ins),
                p.tiles,
                p.values,
                p.vectors));
  }

  /** All columns of all of the row's results, and nothing else. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void aNanStaysInItsRow(Form form) {
    Case of = new Case(form, true, 33);
    TiledProducts products = new TiledProducts(random, of.ins());
    FloatArray weights = random.floats(LAYERS * products.elements(), 1 / Math.sqrt(of.ins()));
    forMissing(products, place -> weights.set(place, 0));
    Weights right = (tile, row, in) -> weights.get(place(products, tile, row, in));
    int rows = 9;
    pass.set(PassTable.WANTED, rows);
    for (int tile = 0; tile < products.count; tile++) {
      products.values.set(products.transposed(tile, 4, 7), Float.NaN);
    }
    int room = form == Form.PLAIN ? MatMul.ROWS : rows;
    Expected expected = products.expect(true, rows, room, right, 0);
    OneKernel.run(
        form == Form.GROUPS ? MatMul.ITEMS : 1,
        products.count,
        kernel(of, products, new Matrices.F32(weights)),
        pass,
        layer,
        products.products,
        products.tiles,
        products.values,
        products.vectors,
        weights);
    expected.check(products.values, () -> form + ", " + random);
  }
}
