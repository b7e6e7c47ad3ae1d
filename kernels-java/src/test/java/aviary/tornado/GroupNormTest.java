package aviary.tornado;

import static aviary.tornado.Expected.ROUNDING;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.OneKernel.Kernel;
import aviary.tornado.kernels.GroupNorm;
import aviary.tornado.kernels.NormTable;
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
  private static final int EPSILON_PLACE = 3;

  /** Work items of a group of the plain form. */
  private static final int ITEMS = 4;

  /**
   * What is to be normalized.
   *
   * @param middle about what rows' numbers lie
   * @param chosen whether rows are those that the pass names, and not the first
   */
  record Case(Form form, int width, int groups, float middle, boolean gated, boolean chosen) {
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
                new Case(form, 1, 1, 0, false, false),
                new Case(form, 33, 1, 0, true, true),
                new Case(form, 64, 1, 1000, false, false),
                new Case(form, 320, 1, -50, false, true),
                new Case(form, 320, 5, 0, true, false),
                new Case(form, 15, 3, 3, false, true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsHaveTheirMeanAndVarianceTaken(Case of) {
    RandomArrays random = new RandomArrays(61);
    IntArray pass = Passes.ofRows(1);
    IntArray layer = RandomArrays.one(LAYER);
    FloatArray vectors = random.floats((LAYER + 1) * LAYER_STRIDE);
    vectors.set(EPSILON_PLACE, EPSILON);
    IntArray table = table(of);
    FloatArray values = random.floats(of.y() + of.room());
    boolean inGroups = of.form() == Form.GROUPS;
    int items = inGroups ? GroupNorm.ITEMS : ITEMS;
    try (OneKernel one =
        new OneKernel(
            items,
            kernel(of, pass, layer, table, values, vectors),
            pass,
            layer,
            table,
            values,
            vectors)) {
      for (int rows : List.of(1, 9, 63)) {
        pass.set(PassTable.WANTED, rows);
        random.fill(values);
        for (int row = 0; row < rows; row++) {
          pass.set(PassTable.WANTED_ROWS + row, source(of, row));
        }
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

  private static int known(int size) {
    return OneKernel.traits().inText(size);
  }

  /** Which row of x becomes a row of y. */
  private static int source(Case of, int row) {
    return of.chosen() ? PassTable.MOST_ROWS - 1 - row * row % 11 : row;
  }

  private static IntArray table(Case of) {
    IntArray table = new IntArray(NormTable.SIZE);
    table.set(NormTable.ROWS, PassTable.WANTED);
    table.set(NormTable.X, of.x());
    table.set(NormTable.Y, of.y());
    table.set(NormTable.GATE, of.gated() ? of.gate() : Tiles.NONE);
    table.set(NormTable.VALUE_STRIDE, of.stride());
    table.set(NormTable.SCALE, SCALE);
    table.set(NormTable.BIAS, BIAS);
    table.set(NormTable.STRIDE, LAYER_STRIDE);
    table.set(NormTable.GROUPS, of.groups());
    table.set(NormTable.GROUP_SIZE, of.width() / of.groups());
    table.set(NormTable.EPSILON, EPSILON_PLACE);
    table.set(NormTable.WANTED, of.chosen() ? 1 : 0);
    return table;
  }

  private static Kernel kernel(
      Case of,
      IntArray pass,
      IntArray layer,
      IntArray table,
      FloatArray values,
      FloatArray vectors) {
    return switch (of.form()) {
      case GROUPS ->
          (tasks, name, context) ->
              tasks.task(
                  name,
                  GroupNorm::inGroups,
                  context,
                  pass,
                  layer,
                  table,
                  known(of.groups()),
                  known(of.width() / of.groups()),
                  values,
                  vectors);
      case PLAIN ->
          (tasks, name, _) ->
              tasks.task(
                  name,
                  GroupNorm::plain,
                  pass,
                  layer,
                  table,
                  known(of.groups()),
                  known(of.width() / of.groups()),
                  values,
                  vectors);
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
    int from = of.x() + source(of, row) * of.stride() + group * size;
    double mean = 0;
    double largest = 0;
    for (int i = 0; i < size; i++) {
      mean += expected.before(from + i) / size;
      largest = Math.max(largest, Math.abs(expected.before(from + i)));
    }
    double variance = 0;
    for (int i = 0; i < size; i++) {
      double distance = expected.before(from + i) - mean;
      variance += distance * distance / size;
    }
    double deviation = Math.sqrt(variance + EPSILON);
    double offMean = (size + 2) * ROUNDING * largest;
    for (int i = 0; i < size; i++) {
      double normed = (expected.before(from + i) - mean) / deviation;
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
