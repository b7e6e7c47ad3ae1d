package aviary.tornado;

import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.ProductsTable;
import aviary.tornado.kernels.Tiles;
import aviary.tornado.kernels.Transpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Activations of two sources of three, whose tiles stand among others. */
class TransposeTest {
  private static final int BORDER = 29;
  private static final int TILES = 7;

  /** The tiles of the sources, of which the last two are copied. */
  private static final int[] SOURCES = {1, 5, 2};

  private static final int BEGIN = 1;
  private static final int COUNT = 2;

  /** One, around whole groups, and all that there may be. */
  private static final int[] ROWS = {1, 2, 15, 16, 17, 64};

  private final RandomArrays random = new RandomArrays(101);
  private final IntArray pass = Passes.ofRows(3);
  private final IntArray sources = IntArray.fromElements(SOURCES);

  /** Around what a work item copies. */
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 33, 100})
  void rowsAndColumnsAreExchanged(int ins) {
    int stride = ins + 5;
    int room = PassTable.MOST_ROWS * stride + BORDER;
    IntArray products = new IntArray(ProductsTable.SIZE);
    products.set(ProductsTable.ROWS, PassTable.WANTED);
    products.set(ProductsTable.COLUMNS, ins);
    products.set(ProductsTable.FIRST_SOURCE, BEGIN);
    products.set(ProductsTable.SOURCES, COUNT);
    IntArray tiles = new IntArray(TILES * Tiles.SIZE);
    for (int tile = 0; tile < TILES; tile++) {
      tiles.set(tile * Tiles.SIZE + Tiles.X, BORDER + 2 * tile * room);
      tiles.set(tile * Tiles.SIZE + Tiles.X_STRIDE, stride);
      tiles.set(tile * Tiles.SIZE + Tiles.TRANSPOSED, BORDER + (2 * tile + 1) * room);
    }
    FloatArray values = random.floats(BORDER + 2 * TILES * room);
    try (OneKernel one =
        new OneKernel(
            Graph.ITEMS,
            (tasks, name, _) ->
                tasks.task(name, Transpose::activations, pass, products, tiles, sources, values),
            pass,
            products,
            tiles,
            sources,
            values)) {
      for (int rows : ROWS) {
        pass.set(PassTable.WANTED, rows);
        random.fill(values);
        Expected expected = new Expected(values);
        for (int source = BEGIN; source < BEGIN + COUNT; source++) {
          int x = tiles.get(SOURCES[source] * Tiles.SIZE + Tiles.X);
          int to = tiles.get(SOURCES[source] * Tiles.SIZE + Tiles.TRANSPOSED);
          for (int row = 0; row < rows; row++) {
            for (int in = 0; in < ins; in++) {
              double number = expected.before(x + row * stride + in);
              expected.set(to + in * PassTable.MOST_ROWS + row, number, 0);
            }
          }
        }
        int items = COUNT * Math.ceilDiv(ins, Transpose.COLUMNS) * rows;
        one.run(Math.ceilDiv(items, Graph.ITEMS) + 1);
        expected.check(values, () -> "%d rows, %s".formatted(rows, random));
      }
    }
  }
}
