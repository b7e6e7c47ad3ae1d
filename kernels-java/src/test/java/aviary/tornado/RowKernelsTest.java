package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.Decay;
import aviary.tornado.kernels.Elementwise;
import aviary.tornado.kernels.Embedding;
import aviary.tornado.kernels.HiddenRows;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.WantedRows;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels with a work item a number. There is room for more rows than run, and work items for them;
 * what belongs to no row that runs stays as it is, and so does what is behind a row's last channel.
 */
class RowKernelsTest {
  private static final int LAYER = 2;
  private static final int[] ROWS = {1, 7, 8, 9, 64};

  /** Where things begin: nothing at 0, and nothing at a multiple of anything. */
  private static final int BORDER = 37;

  /** How far apart two layers' weights are. */
  private static final int LAYER_STRIDE = 331;

  /** More than a group. */
  private static final int WIDTH = 65;

  /** How far apart two rows are. */
  private static final int STRIDE = Places.stride(WIDTH);

  private static final int SIZE = PassTable.MOST_ROWS * STRIDE;
  private static final int GROUPS = Math.ceilDiv(SIZE, Graph.ITEMS) + 1;

  private final RandomArrays random = new RandomArrays(51);
  private final IntArray pass = Passes.ofRows(1);
  private final IntArray layer = RandomArrays.one(LAYER);

  /** Room for three values and some numbers around them. */
  private final FloatArray values = random.floats(3 * (BORDER + SIZE) + BORDER);

  private final int a = BORDER;
  private final int b = 2 * BORDER + SIZE;
  private final int y = 3 * BORDER + 2 * SIZE;
  private final FloatArray vectors = random.floats((LAYER + 1) * LAYER_STRIDE + WIDTH);

  /** What has to become of a number of a row. */
  private interface Right {
    /**
     * Says what is to be written.
     *
     * @param at where the number is, counted from a value's first
     */
    void set(Expected expected, int row, int channel, int at);
  }

  /**
   * Runs a kernel for several numbers of rows.
   *
   * @param width how many numbers of a row it has to write
   * @param changed the array that it changes
   */
  private void check(Kernel kernel, int width, FloatArray changed, Right right, Object... arrays) {
    check(new OneKernel(Graph.ITEMS, kernel, arrays), width, changed, right);
  }

  /** As {@link #check} of a kernel that only writes the array. */
  private void checkWriter(
      Kernel kernel, int width, FloatArray changed, Right right, Object... arrays) {
    check(OneKernel.ofWriter(changed, Graph.ITEMS, kernel, arrays), width, changed, right);
  }

  private void check(OneKernel kernel, int width, FloatArray changed, Right right) {
    try (OneKernel one = kernel) {
      for (int rows : ROWS) {
        pass.set(PassTable.ROWS, rows);
        random.fill(values);
        Expected expected = new Expected(changed);
        for (int row = 0; row < rows; row++) {
          for (int channel = 0; channel < width; channel++) {
            right.set(expected, row, channel, row * STRIDE + channel);
          }
        }
        one.run(GROUPS);
        expected.check(changed, () -> rows + " rows, " + random);
      }
    }
  }

  /** One operation, one rounding: the nearest float. */
  private static void setNearest(Expected expected, int place, double number) {
    expected.set(place, (float) number, 0);
  }

  @Test
  void sums() {
    check(
        (tasks, name, _) -> tasks.task(name, Elementwise::add, pass, values, a, b, y, STRIDE),
        STRIDE,
        values,
        (expected, _, _, at) ->
            setNearest(expected, y + at, expected.before(a + at) + expected.before(b + at)),
        pass,
        values);
  }

  @Test
  void products() {
    check(
        (tasks, name, _) -> tasks.task(name, Elementwise::multiply, pass, values, a, b, y, STRIDE),
        STRIDE,
        values,
        (expected, _, _, at) ->
            setNearest(expected, y + at, expected.before(a + at) * expected.before(b + at)),
        pass,
        values);
  }

  /** What comes out of a layer stands where what goes in stood. */
  @Test
  void aSumMayReplaceATerm() {
    check(
        (tasks, name, _) -> tasks.task(name, Elementwise::add, pass, values, a, y, y, STRIDE),
        STRIDE,
        values,
        (expected, _, _, at) ->
            setNearest(expected, y + at, expected.before(a + at) + expected.before(y + at)),
        pass,
        values);
  }

  /**
   * OpenCL allows exp 3 units in the last place, of two roundings at most each. What the outer exp
   * gets is off by those of the inner one, and so becomes a relative error of the result, times
   * that argument.
   */
  @Test
  void fixedDecays() {
    int base = 13;
    checkWriter(
        (tasks, name, _) ->
            tasks.task(
                name,
                Decay::fixed,
                pass,
                layer,
                values,
                vectors,
                base,
                LAYER_STRIDE,
                y,
                WIDTH,
                STRIDE),
        WIDTH,
        values,
        (expected, _, channel, at) -> {
          double argument = Math.exp(vectors.get(base + LAYER * LAYER_STRIDE + channel));
          double decay = Math.exp(-argument);
          double bound = (6 + 6 * argument) * ROUNDING * decay + Float.MIN_NORMAL;
          expected.set(y + at, decay, bound);
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
    checkWriter(
        (tasks, name, _) ->
            tasks.task(
                name, Embedding::embed, pass, layer, table, first, count, values, y, WIDTH, STRIDE),
        WIDTH,
        values,
        (expected, row, channel, at) -> {
          int token = pass.get(PassTable.TOKENS + row) - first;
          if (token >= 0 && token < count) {
            expected.set(y + at, table.get(token * WIDTH + channel), 0);
          }
        },
        pass,
        layer,
        table,
        values);
    assertEquals(0, layer.get(0));
  }

  @Test
  void rowsArriveFromTheHost() {
    FloatArray rows = random.floats(PassTable.MOST_ROWS * WIDTH + BORDER);
    checkWriter(
        (tasks, name, _) ->
            tasks.task(name, HiddenRows::arrive, pass, layer, rows, values, y, WIDTH, STRIDE),
        WIDTH,
        values,
        (expected, row, channel, at) -> expected.set(y + at, rows.get(row * WIDTH + channel), 0),
        pass,
        layer,
        rows,
        values);
    assertEquals(0, layer.get(0));
  }

  @Test
  void rowsLeaveForTheHost() {
    FloatArray rows = random.floats(PassTable.MOST_ROWS * WIDTH + BORDER);
    checkWriter(
        (tasks, name, _) ->
            tasks.task(name, HiddenRows::leave, pass, rows, values, a, WIDTH, STRIDE),
        WIDTH,
        rows,
        (expected, row, channel, at) -> expected.set(row * WIDTH + channel, values.get(a + at), 0),
        pass,
        rows,
        values);
  }

  @Test
  void aRowIsFetched() {
    FloatArray row = random.floats(WIDTH + 9);
    try (OneKernel one =
        OneKernel.ofWriter(
            row,
            Graph.ITEMS,
            (tasks, name, _) ->
                tasks.task(name, WantedRows::fetch, pass, values, a, row, WIDTH, STRIDE),
            pass,
            values,
            row)) {
      for (int which : new int[] {0, 5}) {
        pass.set(PassTable.SLOT, which);
        Expected expected = new Expected(row);
        for (int i = 0; i < WIDTH; i++) {
          expected.set(i, values.get(a + which * STRIDE + i), 0);
        }
        one.run(GROUPS);
        expected.check(row, () -> "row " + which);
      }
    }
  }
}
