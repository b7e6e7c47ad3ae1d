package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.PassTable;
import aviary.tornado.kernels.Tiles;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class GroupNormTest {
  private static final int LAYER = 2;
  private static final int BORDER = 19;
  private static final int LAYER_STRIDE = 701;
  private static final int SCALE = 7;
  private static final int BIAS = 350;
  private static final float EPSILON = 1e-5f;

  /** Work items of a group of the plain form. */
  private static final int ITEMS = 4;

  /**
   * What is to be normalized.
   *
   * @param middle about what rows' numbers lie
   */
  record Case(Form form, int width, int groups, float middle, boolean gated) {
    /** Where things are in the array of values. */
    int room() {
      return BORDER + PassTable.MOST_ROWS * stride();
    }

    int stride() {
      return Places.stride(width);
    }

    int x() {
      return BORDER;
    }

    int gate() {
      return BORDER + room();
    }

    int y() {
      return BORDER + 2 * room();
    }
  }

  static Stream<Case> cases() {
    return Stream.of(Form.values())
        .flatMap(form ->
            Stream.of(
                new Case(form, 1, 1, 0, false),
                new Case(form, 33, 1, 0, true),
                new Case(form, 64, 1, 1000, false),
                new Case(form, 320, 1, -50, false),
                new Case(form, 320, 5, 0, true),
                new Case(form, 15, 3, 3, false)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsHaveTheirMeanAndVarianceTaken(Case of) {
    RandomArrays random = new RandomArrays(61);
    IntArray pass = Passes.ofRows(1);
    IntArray layer = RandomArrays.one(LAYER);
    FloatArray vectors = random.floats((LAYER + 1) * LAYER_STRIDE);
    FloatArray values = random.floats(of.y() + of.room());
    boolean inGroups = of.form() == Form.GROUPS;
    int items = inGroups ? GroupNorm.ITEMS : ITEMS;
    try (OneKernel one =
        new OneKernel(
            items, kernel(of, pass, layer, values, vectors), pass, layer, values, vectors)) {
      for (int rows : List.of(1, 9, 63)) {
        pass.set(PassTable.WANTED, rows);
        random.fill(values);
        for (int i = 0; i < PassTable.MOST_ROWS * of.stride(); i++) {
          values.set(of.x() + i, of.middle() + values.get(of.x() + i));
        }
        Expected expected = new Expected(values);
        for (int part = 0; part < rows * of.groups(); part++) {
          normalize(of, expected, vectors, part / of.groups(), part % of.groups());
        }
        int parts = (rows + 1) * of.groups();
        one.run(inGroups ? parts : Math.ceilDiv(parts, ITEMS));
        expected.check(values, () -> "%s, %d rows, %s".formatted(of, rows, random));
      }
    }
  }

  private static Kernel kernel(
      Case of, IntArray pass, IntArray layer, FloatArray values, FloatArray vectors) {
    int gate = of.gated() ? of.gate() : Tiles.NONE;
    return switch (of.form()) {
      case GROUPS ->
          (tasks, name, context) ->
              tasks.task(
                  name,
                  GroupNorm::inGroups,
                  context,
                  pass,
                  PassTable.WANTED,
                  layer,
                  values,
                  of.x(),
                  vectors,
                  SCALE,
                  BIAS,
                  LAYER_STRIDE,
                  of.y(),
                  gate,
                  of.width(),
                  of.stride(),
                  of.groups(),
                  EPSILON);
      case PLAIN ->
          (tasks, name, _) ->
              tasks.task(
                  name,
                  GroupNorm::plain,
                  pass,
                  PassTable.WANTED,
                  layer,
                  values,
                  of.x(),
                  vectors,
                  SCALE,
                  BIAS,
                  LAYER_STRIDE,
                  of.y(),
                  gate,
                  of.width(),
                  of.stride(),
                  of.groups(),
                  EPSILON);
    };
  }

  /**
   * The mean is a sum of {@code size} numbers, each of which goes through {@code size} roundings,
   * and a distance from it is off by as much, which the division makes larger where the variance is
   * small. The variance is off by the distances' errors, twice, and a sum's roundings, of which the
   * root takes half; square root, two divisions, two products and a sum add some, and the gate's
   * product one.
   */
  private static void normalize(
      Case of, Expected expected, FloatArray vectors, int row, int group) {
    int size = of.width() / of.groups();
    int at = row * of.stride() + group * size;
    double mean = 0;
    double largest = 0;
    for (int i = 0; i < size; i++) {
      mean += expected.before(of.x() + at + i) / size;
      largest = Math.max(largest, Math.abs(expected.before(of.x() + at + i)));
    }
    double variance = 0;
    for (int i = 0; i < size; i++) {
      double distance = expected.before(of.x() + at + i) - mean;
      variance += distance * distance / size;
    }
    double deviation = Math.sqrt(variance + EPSILON);
    double offMean = (size + 2) * ROUNDING * largest;
    for (int i = 0; i < size; i++) {
      double normed = (expected.before(of.x() + at + i) - mean) / deviation;
      int weight = LAYER * LAYER_STRIDE + group * size + i;
      double scale = vectors.get(SCALE + weight);
      double bias = vectors.get(BIAS + weight);
      double off =
          offMean / deviation * (1 + Math.abs(normed)) + (size + 20) * ROUNDING * Math.abs(normed);
      double bound =
          off * Math.abs(scale) + 3 * ROUNDING * (Math.abs(normed * scale) + Math.abs(bias));
      double gate = of.gated() ? expected.before(of.gate() + at + i) : 1;
      expected.set(of.y() + at + i, (normed * scale + bias) * gate, bound * Math.abs(gate));
    }
  }
}
