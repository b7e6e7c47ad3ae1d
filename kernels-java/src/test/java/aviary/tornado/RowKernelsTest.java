package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.DdLerp;
import aviary.tornado.kernels.Decay;
import aviary.tornado.kernels.Elementwise;
import aviary.tornado.kernels.Embedding;
import aviary.tornado.kernels.Lerp;
import aviary.tornado.kernels.Pass;
import aviary.tornado.kernels.WantedRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  private static final int SIZE = Pass.MOST_ROWS * WIDTH;
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

  /** A number of y, and how far off it may be. */
  private interface Right {
    void set(Expected expected, int row, int channel, int item);
  }

  private void check(Kernel kernel, Right right, Object... arrays) {
    try (OneKernel one = new OneKernel(Graph.ITEMS, kernel, arrays)) {
      for (int rows : ROWS) {
        pass.set(Pass.ROWS, rows);
        random.fill(values);
        Expected expected = new Expected(values);
        for (int item = 0; item < rows * WIDTH; item++) {
          right.set(expected, item / WIDTH, item % WIDTH, item);
        }
        one.run(GROUPS);
        expected.check(values, () -> rows + " rows, " + random);
      }
    }
  }

  /** One operation, one rounding: the nearest float. */
  private void setNearest(Expected expected, int item, double number) {
    expected.set(y + item, (float) number, 0);
  }

  @Test
  void sums() {
    check(
        (tasks, name, context) ->
            tasks.task(name, Elementwise::add, context, pass, values, a, b, y, WIDTH),
        (expected, _, _, item) ->
            setNearest(expected, item, expected.before(a + item) + expected.before(b + item)),
        pass,
        values);
  }

  @Test
  void products() {
    check(
        (tasks, name, context) ->
            tasks.task(name, Elementwise::multiply, context, pass, values, a, b, y, WIDTH),
        (expected, _, _, item) ->
            setNearest(expected, item, expected.before(a + item) * expected.before(b + item)),
        pass,
        values);
  }

  /** What comes out of a layer stands where what goes in stood. */
  @Test
  void aSumMayReplaceATerm() {
    check(
        (tasks, name, context) ->
            tasks.task(name, Elementwise::add, context, pass, values, a, y, y, WIDTH),
        (expected, _, _, item) ->
            setNearest(expected, item, expected.before(a + item) + expected.before(y + item)),
        pass,
        values);
  }

  /** Three operations: each number goes through three roundings at most. */
  @Test
  void mixesByFixedAmounts() {
    int amount = 11;
    check(
        (tasks, name, context) ->
            tasks.task(
                name,
                Lerp::lerp,
                context,
                pass,
                layer,
                values,
                a,
                b,
                vectors,
                amount,
                STRIDE,
                y,
                WIDTH),
        (expected, _, channel, item) -> {
          double from = expected.before(a + item);
          double to = expected.before(b + item);
          double mix = vectors.get(amount + LAYER * STRIDE + channel);
          double size = Math.abs(from) + (Math.abs(to) + Math.abs(from)) * Math.abs(mix);
          expected.set(y + item, from + (to - from) * mix, 3 * ROUNDING * size);
        },
        pass,
        layer,
        values,
        vectors);
  }

  @Test
  void decaysOfTokens() {
    int base = 13;
    check(
        (tasks, name, context) ->
            tasks.task(
                name,
                Decay::ofToken,
                context,
                pass,
                layer,
                values,
                a,
                vectors,
                base,
                STRIDE,
                y,
                WIDTH),
        (expected, _, channel, item) ->
            setDecay(
                expected,
                item,
                vectors.get(base + LAYER * STRIDE + channel),
                expected.before(a + item)),
        pass,
        layer,
        values,
        vectors);
  }

  @Test
  void fixedDecays() {
    int base = 13;
    check(
        (tasks, name, context) ->
            tasks.task(
                name, Decay::fixed, context, pass, layer, values, vectors, base, STRIDE, y, WIDTH),
        (expected, _, channel, item) ->
            setDecay(expected, item, vectors.get(base + LAYER * STRIDE + channel), 0),
        pass,
        layer,
        values,
        vectors);
  }

  /**
   * OpenCL allows exp 3 units in the last place, of two roundings at most each. What the inner exp
   * gets is off by a rounding of the larger term, and what the outer one gets so becomes a relative
   * error of the result, times that argument.
   */
  private void setDecay(Expected expected, int item, double base, double x) {
    double argument = Math.exp(base + x);
    double decay = Math.exp(-argument);
    double roundings = 6 + argument * (6 + Math.abs(base + x));
    expected.set(y + item, decay, roundings * ROUNDING * decay + Float.MIN_NORMAL);
  }

  @Test
  void rowsOfAPartOfTheTable() {
    int first = 10;
    int count = 7;
    FloatArray table = random.floats(count * WIDTH);
    for (int row = 0; row < Pass.MOST_ROWS; row++) {
      pass.set(Pass.TOKENS + row, random.random().nextInt(first - 3, first + count + 3));
    }
    pass.set(Pass.TOKENS, first + count - 1);
    check(
        (tasks, name, context) ->
            tasks.task(
                name, Embedding::embed, context, pass, table, first, count, values, y, WIDTH),
        (expected, row, channel, item) -> {
          int token = pass.get(Pass.TOKENS + row) - first;
          if (token >= 0 && token < count) {
            expected.set(y + item, table.get(token * WIDTH + channel), 0);
          }
        },
        pass,
        table,
        values);
  }

  /** A sum of R products and the amount, and the three operations of a lerp. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void mixesByAmountsOfTheToken(int rank) {
    int width = 33;
    int first = LAYER - 1;
    int lora = 3 * BORDER + 2 * Pass.MOST_ROWS * width;
    int out = lora + BORDER + Pass.MOST_ROWS * 5 * rank;
    int amounts = 17;
    FloatArray ups = random.floats(3 * 5 * rank * width);
    FloatArray mixed = random.floats(out + 5 * Pass.MOST_ROWS * width + BORDER);
    int to = BORDER + Pass.MOST_ROWS * width + BORDER;
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                DdLerp::mixRows,
                context,
                pass,
                layer,
                first,
                mixed,
                BORDER,
                to,
                lora,
                ups,
                vectors,
                amounts,
                STRIDE,
                out,
                width,
                rank);
    try (OneKernel one = new OneKernel(Graph.ITEMS, kernel, pass, layer, mixed, ups, vectors)) {
      for (int rows : ROWS) {
        pass.set(Pass.ROWS, rows);
        random.fill(mixed);
        Expected expected = new Expected(mixed);
        for (int item = 0; item < rows * DdLerp.LERPS * width; item++) {
          int row = item / width / 5;
          int c = item / width % 5;
          int channel = item % width;
          double amount = vectors.get(amounts + LAYER * STRIDE + c * width + channel);
          double size = Math.abs(amount);
          for (int i = 0; i < rank; i++) {
            double term =
                expected.before(lora + (row * 5 + c) * rank + i)
                    * ups.get((((LAYER - first) * 5 + c) * rank + i) * width + channel);
            amount += term;
            size += Math.abs(term);
          }
          double start = expected.before(BORDER + row * width + channel);
          double end = expected.before(to + row * width + channel);
          double sizes = Math.abs(start) + (Math.abs(start) + Math.abs(end)) * size;
          expected.set(
              out + (c * Pass.MOST_ROWS + row) * width + channel,
              start + (end - start) * amount,
              (rank + 4) * ROUNDING * sizes);
        }
        one.run(Math.ceilDiv(Pass.MOST_ROWS * 5 * width, Graph.ITEMS));
        expected.check(mixed, () -> "%d rows, R = %d, %s".formatted(rows, rank, random));
      }
    }
  }

  @Test
  void wantedRowsStandBehindEachOther() {
    int[] wanted = {0, 3, 4, 63, 17};
    for (int i = 0; i < wanted.length; i++) {
      pass.set(Pass.WANTED_ROWS + i, wanted[i]);
    }
    try (OneKernel one =
        new OneKernel(
            Graph.ITEMS,
            (tasks, name, context) ->
                tasks.task(name, WantedRows::keep, context, pass, values, a, y, WIDTH),
            pass,
            values)) {
      for (int count : new int[] {0, 1, 5}) {
        pass.set(Pass.WANTED, count);
        random.fill(values);
        Expected expected = new Expected(values);
        for (int item = 0; item < count * WIDTH; item++) {
          double number = expected.before(a + wanted[item / WIDTH] * WIDTH + item % WIDTH);
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
            (tasks, name, context) ->
                tasks.task(name, WantedRows::fetch, context, pass, values, a, row, WIDTH),
            pass,
            values,
            row)) {
      for (int which : new int[] {0, 5}) {
        pass.set(Pass.SLOT, which);
        Expected expected = new Expected(row);
        for (int i = 0; i < WIDTH; i++) {
          expected.set(i, values.get(a + which * WIDTH + i), 0);
        }
        one.run(GROUPS);
        expected.check(row, () -> "row " + which);
      }
    }
  }
}
