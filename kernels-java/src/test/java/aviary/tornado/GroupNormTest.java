package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.Pass;
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

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "33, 1, 0", "64, 1, 1000", "320, 1, -50", "320, 5, 0", "15, 3, 3"})
  void rowsHaveTheirMeanAndVarianceTaken(int width, int groups, float middle) {
    float epsilon = 1e-5f;
    RandomArrays random = new RandomArrays(61);
    IntArray pass = Passes.ofRows(1);
    IntArray layer = RandomArrays.one(LAYER);
    FloatArray vectors = random.floats((LAYER + 1) * STRIDE);
    FloatArray values = random.floats(3 * BORDER + 2 * Pass.MOST_ROWS * width);
    int y = 2 * BORDER + Pass.MOST_ROWS * width;
    Kernel kernel =
        (tasks, name, context) ->
            tasks.task(
                name,
                GroupNorm::normalizeRows,
                context,
                pass,
                Pass.ROWS,
                layer,
                values,
                BORDER,
                vectors,
                SCALE,
                BIAS,
                STRIDE,
                y,
                width,
                groups,
                epsilon);
    try (OneKernel one = new OneKernel(GroupNorm.ITEMS, kernel, pass, layer, values, vectors)) {
      for (int rows : new int[] {1, 9, 63}) {
        pass.set(Pass.ROWS, rows);
        random.fill(values);
        for (int i = 0; i < rows * width; i++) {
          values.set(BORDER + i, middle + values.get(BORDER + i));
        }
        Expected expected = new Expected(values);
        int size = width / groups;
        for (int part = 0; part < rows * groups; part++) {
          int weight = LAYER * STRIDE + part % groups * size;
          normalize(expected, vectors, part * size, size, weight, y, epsilon);
        }
        one.run((rows + 1) * groups);
        expected.check(values, () -> "%d rows, %s".formatted(rows, random));
      }
    }
  }

  /**
   * The mean is a sum of {@code size} numbers, each of which goes through {@code size} roundings,
   * and a distance from it is off by as much, which the division makes larger where the variance is
   * small. The variance is off by the distances' errors, twice, and a sum's roundings, of which the
   * root takes half; square root, two divisions, two products and a sum add some.
   */
  private static void normalize(
      Expected expected, FloatArray vectors, int at, int size, int weight, int y, float epsilon) {
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
    double deviation = Math.sqrt(variance + epsilon);
    double offMean = (size + 2) * ROUNDING * largest;
    for (int i = 0; i < size; i++) {
      double normed = (expected.before(BORDER + at + i) - mean) / deviation;
      double scale = vectors.get(SCALE + weight + i);
      double bias = vectors.get(BIAS + weight + i);
      double off =
          offMean / deviation * (1 + Math.abs(normed)) + (size + 20) * ROUNDING * Math.abs(normed);
      double bound =
          off * Math.abs(scale) + 2 * ROUNDING * (Math.abs(normed * scale) + Math.abs(bias));
      expected.set(y + at + i, normed * scale + bias, bound);
    }
  }
}
