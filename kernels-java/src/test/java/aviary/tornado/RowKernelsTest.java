package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.Decay;
import aviary.tornado.kernels.Elementwise;
import aviary.tornado.kernels.Embedding;
import aviary.tornado.kernels.HiddenRows;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import aviary.tornado.kernels.Transpose;
import aviary.tornado.kernels.WantedRows;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels with a work item a number. There is room for more rows than run, and work items for them;
 * what belongs to no row that runs stays as it is.
 */
class RowKernelsTest {
  private static final int LAYER = 2;
  private static final int[] ROWS = {1, 7, 8, 9, 64};

  /** Where things begin: nothing at 0, and nothing at a multiple of anything. */
  private static final int BORDER = 37;

  /** How far apart two layers' weights are. */
  private static final int STRIDE = 331;

  /** The largest width is more than a group. */
  private static final int WIDTH = 65;

  /** Rows are further apart than they are wide. */
  private static final int APART = 72;

  private static final int SIZE = PassTable.MOST_ROWS * APART;
  private static final int GROUPS = Math.ceilDiv(SIZE, Graph.ITEMS) + 1;

  private final RandomArrays random = new RandomArrays(51);
  private final IntArray pass = Passes.ofRows(1);
  private final IntArray layer = RandomArrays.one(LAYER);

  /** Room for three values and some numbers around them. */
  private final FloatArray values = random.floats(3 * (BORDER + SIZE) + BORDER);

  private final int a = BORDER;
  private final int b = 2 * BORDER + SIZE;
  private final int y = 3 * BORDER + 2 * SIZE;
  private final FloatArray vectors = random.floats((LAYER + 1) * STRIDE + 5 * WIDTH);

  /** A number of y, at a place behind y's first, and how far off it may be. */
  private interface Right {
    void set(Expected expected, int row, int channel, int at);
  }

  private void check(Kernel kernel, Right right, Object... arrays) {
    check(WIDTH, kernel, right, arrays);
  }

  private void check(int width, Kernel kernel, Right right, Object... arrays) {
    try (OneKernel one = new OneKernel(Graph.ITEMS, kernel, arrays)) {
      for (int rows : ROWS) {
        pass.set(PassTable.ROWS, rows);
        random.fill(values);
        Expected expected = new Expected(values);
        for (int item = 0; item < rows * width; item++) {
          int row = item / width;
          right.set(expected, row, item % width, row * APART + item % width);
        }
        one.run(GROUPS);
        expected.check(values, () -> rows + " rows, " + random);
      }
    }
  }

  /** One operation, one rounding: the nearest float. */
  private void setNearest(Expected expected, int at, double number) {
    expected.set(y + at, (float) number, 0);
  }

  /** What lies between two rows is added up with them. */
  @Test
  void sums() {
    check(
        APART,
        (tasks, name, _) -> tasks.task(name, Elementwise::add, pass, values, a, b, y, APART),
        (expected, _, _, at) ->
            setNearest(expected, at, expected.before(a + at) + expected.before(b + at)),
        pass,
        values);
  }

  @Test
  void products() {
    check(
        APART,
        (tasks, name, _) -> tasks.task(name, Elementwise::multiply, pass, values, a, b, y, APART),
        (expected, _, _, at) ->
            setNearest(expected, at, expected.before(a + at) * expected.before(b + at)),
        pass,
        values);
  }

  /** What comes out of a layer stands where what goes in stood. */
  @Test
  void aSumMayReplaceATerm() {
    check(
        APART,
        (tasks, name, _) -> tasks.task(name, Elementwise::add, pass, values, a, y, y, APART),
        (expected, _, _, at) ->
            setNearest(expected, at, expected.before(a + at) + expected.before(y + at)),
        pass,
        values);
  }

  /**
   * OpenCL allows exp 3 units in the last place, of two roundings at most each; what the outer exp
   * gets becomes a relative error of the result, times that argument.
   */
  @Test
  void fixedDecays() {
    int base = 13;
    check(
        (tasks, name, _) ->
            tasks.task(
                name, Decay::fixed, pass, layer, values, vectors, base, STRIDE, y, WIDTH, APART),
        (expected, _, channel, at) -> {
          double argument = Math.exp(vectors.get(base + LAYER * STRIDE + channel));
          double decay = Math.exp(-argument);
          double roundings = 6 + argument * 6;
          expected.set(y + at, decay, roundings * ROUNDING * decay + Float.MIN_NORMAL);
        },
        pass,
        layer,
        values,
        vectors);
  }

  @Test
  void rowsOfAPartOfTheTable() {
    int first = 10;
    int count = 7;
    FloatArray table = random.floats(count * WIDTH);
    for (int row = 0; row < PassTable.MOST_ROWS; row++) {
      pass.set(PassTable.TOKENS + row, random.random().nextInt(first - 3, first + count + 3));
    }
    pass.set(PassTable.TOKENS, first + count - 1);
    check(
        (tasks, name, _) ->
            tasks.task(name, Embedding::embed, pass, table, first, count, values, y, WIDTH, APART),
        (expected, row, channel, at) -> {
          int token = pass.get(PassTable.TOKENS + row) - first;
          if (token >= 0 && token < count) {
            expected.set(y + at, table.get(token * WIDTH + channel), 0);
          }
        },
        pass,
        table,
        values);
  }

  @Test
  void rowsThatComeFromOtherLayersTakeTheirPlaces() {
    FloatArray rows = random.floats(PassTable.MOST_ROWS * WIDTH);
    check(
        (tasks, name, _) ->
            tasks.task(name, HiddenRows::arrive, pass, rows, values, y, WIDTH, APART),
        (expected, row, channel, at) -> expected.set(y + at, rows.get(row * WIDTH + channel), 0),
        pass,
        rows,
        values);
  }

  @Test
  void rowsThatGoToOtherLayersStandBehindEachOther() {
    FloatArray out = random.floats(PassTable.MOST_ROWS * WIDTH);
    pass.set(PassTable.ROWS, 7);
    Expected expected = new Expected(out);
    for (int item = 0; item < 7 * WIDTH; item++) {
      expected.set(item, values.get(a + item / WIDTH * APART + item % WIDTH), 0);
    }
    OneKernel.run(
        Graph.ITEMS,
        GROUPS,
        (tasks, name, _) -> tasks.task(name, HiddenRows::leave, pass, out, values, a, WIDTH, APART),
        pass,
        out,
        values);
    expected.check(out, random::toString);
  }

  /** Two sources, of which one begins within a value; rows become columns. */
  @Test
  void activationsAreTransposed() {
    int columns = 33;
    int out = y;
    IntArray tiles = new IntArray(3 * Tiles.SIZE);
    tiles.init(1 << 20);
    int[] begins = {a, b + 5};
    for (int source = 0; source < 2; source++) {
      tiles.set(source * 2 * Tiles.SIZE + Tiles.X, begins[source]);
      tiles.set(source * 2 * Tiles.SIZE + Tiles.X_STRIDE, APART);
      int place = out + source * columns * PassTable.MOST_ROWS;
      tiles.set(source * 2 * Tiles.SIZE + Tiles.TRANSPOSED, place);
    }
    IntArray sources = IntArray.fromElements(7, 0, 2);
    FloatArray room = random.floats(out + 2 * columns * PassTable.MOST_ROWS + BORDER);
    Kernel kernel =
        (tasks, name, _) ->
            tasks.task(
                name,
                Transpose::activations,
                pass,
                PassTable.WANTED,
                tiles,
                sources,
                1,
                2,
                room,
                columns);
    try (OneKernel one = new OneKernel(Graph.ITEMS, kernel, pass, tiles, sources, room)) {
      for (int rows : ROWS) {
        pass.set(PassTable.WANTED, rows);
        random.fill(room);
        Expected expected = new Expected(room);
        for (int source = 0; source < 2; source++) {
          for (int item = 0; item < rows * columns; item++) {
            int row = item / columns;
            int column = item % columns;
            int to = out + (source * columns + column) * PassTable.MOST_ROWS + row;
            expected.set(to, expected.before(begins[source] + row * APART + column), 0);
          }
        }
        one.run(GROUPS);
        expected.check(room, () -> rows + " rows, " + random);
      }
    }
  }

  @Test
  void wantedRowsStandBehindEachOther() {
    int[] wanted = {0, 3, 4, 63, 17};
    for (int i = 0; i < wanted.length; i++) {
      pass.set(PassTable.WANTED_ROWS + i, wanted[i]);
    }
    try (OneKernel one =
        new OneKernel(
            Graph.ITEMS,
            (tasks, name, _) -> tasks.task(name, WantedRows::keep, pass, values, a, y, APART),
            pass,
            values)) {
      for (int count : new int[] {0, 1, 5}) {
        pass.set(PassTable.WANTED, count);
        random.fill(values);
        Expected expected = new Expected(values);
        for (int item = 0; item < count * APART; item++) {
          double number = expected.before(a + wanted[item / APART] * APART + item % APART);
          expected.set(y + item, number, 0);
        }
        one.run(GROUPS);
        expected.check(values, () -> count + " wanted, " + random);
      }
    }
  }

  @Test
  void aRowIsFetched() {
    FloatArray row = random.floats(WIDTH + 9);
    try (OneKernel one =
        new OneKernel(
            Graph.ITEMS,
            (tasks, name, _) ->
                tasks.task(name, WantedRows::fetch, pass, values, a, row, WIDTH, APART),
            pass,
            values,
            row)) {
      for (int which : new int[] {0, 5}) {
        pass.set(PassTable.SLOT, which);
        Expected expected = new Expected(row);
        for (int i = 0; i < WIDTH; i++) {
          expected.set(i, values.get(a + which * APART + i), 0);
        }
        one.run(GROUPS);
        expected.check(row, () -> "row " + which);
      }
    }
  }
}
