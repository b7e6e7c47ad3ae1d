package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class GroupNormTest {
  private static final int LAYER = 2;
  private static final int BORDER = 19;
  private static final int STRIDE = 701;
  private static final int SCALE = 7;
  private static final int BIAS = 350;

  /** Rows with numbers behind them that are of no row. */
  private static final int GAP = 5;

  private static final float EPSILON = 1e-5f;

  private final RandomArrays random = new RandomArrays(61);
  private final IntArray pass = Passes.ofRows(1);
  private final IntArray layer = RandomArrays.one(LAYER);
  private final FloatArray vectors = random.floats((LAYER + 1) * STRIDE);

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, false",
    "33, 1, 0, true",
    "64, 1, 1000, false",
    "320, 1, -50, false",
    "320, 5, 0, true",
    "15, 3, 3, true"
  })
  void rowsHaveTheirMeanAndVarianceTaken(int width, int groups, float middle, boolean gated) {
    int room = BORDER + PassTable.MOST_ROWS * (width + GAP);
    FloatArray values = random.floats(3 * room + BORDER);
    int y = BORDER + room;
    int gate = gated ? BORDER + 2 * room : Tiles.NONE;
    Kernel inGroups =
        (tasks, name, context) ->
            tasks.task(
                name,
                GroupNorm::inGroups,
                context,
                pass,
                PassTable.ROWS,
                layer,
                values,
                BORDER,
                vectors,
                SCALE,
                BIAS,
                STRIDE,
                y,
                gate,
                width,
                width + GAP,
                groups,
                EPSILON);
    Kernel plain =
        (tasks, name, _) ->
            tasks.task(
                name,
                GroupNorm::plain,
                pass,
                PassTable.ROWS,
                layer,
                values,
                BORDER,
                vectors,
                SCALE,
                BIAS,
                STRIDE,
                y,
                gate,
                width,
                width + GAP,
                groups,
                EPSILON);
    check(inGroups, GroupNorm.ITEMS, new Norm(width, groups, middle, values, y, gate));
    check(plain, 1, new Norm(width, groups, middle, values, y, gate));
  }

  private record Norm(int width, int groups, float middle, FloatArray values, int y, int gate) {}

  private void check(Kernel kernel, int items, Norm norm) {
    FloatArray values = norm.values;
    try (OneKernel one = new OneKernel(items, kernel, pass, layer, values, vectors)) {
      for (int rows : new int[] {1, 9, 63}) {
        pass.set(PassTable.ROWS, rows);
        random.fill(values);
        for (int i = 0; i < rows * (norm.width + GAP); i++) {
          values.set(BORDER + i, norm.middle + values.get(BORDER + i));
        }
        Expected expected = new Expected(values);
        int size = norm.width / norm.groups;
        for (int part = 0; part < rows * norm.groups; part++) {
          int weight = LAYER * STRIDE + part % norm.groups * size;
          int at = part / norm.groups * (norm.width + GAP) + part % norm.groups * size;
          normalize(expected, vectors, at, size, weight, norm.y, norm.gate);
        }
        one.run((rows + 1) * norm.groups);
        expected.check(values, () -> "%d rows, %s".formatted(rows, random));
      }
    }
  }

  /**
   * The mean is a sum of {@code size} numbers, each of which goes through {@code size} roundings,
   * and a distance from it is off by as much, which the division makes larger where the variance is
   * small. The variance is off by the distances' errors, twice, and a sum's roundings, of which the
   * root takes half; square root, two divisions, two products, a sum and the gate add some.
   */
  private static void normalize(
      Expected expected, FloatArray vectors, int at, int size, int weight, int y, int gate) {
    double mean = 0;
    double largest = 0;
    for (int i = 0; i < size; i++) {
      mean += expected.before(BORDER + at + i) / size;
      largest = Math.max(largest, Math.abs(expected.before(BORDER + at + i)));
    }
    double variance = 0;
    for (int i = 0; i < size; i++) {
      double distance = expected.before(BORDER + at + i) - mean;
      variance += distance * distance / size;
    }
    double deviation = Math.sqrt(variance + EPSILON);
    double offMean = (size + 2) * ROUNDING * largest;
    for (int i = 0; i < size; i++) {
      double normed = (expected.before(BORDER + at + i) - mean) / deviation;
      double scale = vectors.get(SCALE + weight + i);
      double bias = vectors.get(BIAS + weight + i);
      double off =
          offMean / deviation * (1 + Math.abs(normed)) + (size + 20) * ROUNDING * Math.abs(normed);
      double bound =
          off * Math.abs(scale) + 3 * ROUNDING * (Math.abs(normed * scale) + Math.abs(bias));
      double factor = gate < 0 ? 1 : expected.before(gate + at + i);
      double result = (normed * scale + bias) * factor;
      expected.set(y + at + i, result, bound * Math.abs(factor));
    }
  }
}
