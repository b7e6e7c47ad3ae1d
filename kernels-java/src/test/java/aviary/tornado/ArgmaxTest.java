package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.kernels.Argmax;
import aviary.tornado.kernels.PassTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class ArgmaxTest {
  private static final float NAN = Float.NaN;
  private static final int BORDER = 3;

  /** Work items of a group of the plain form. */
  private static final int ITEMS = 4;

  @ParameterizedTest
  @CsvSource({
    "GROUPS, 1",
    "GROUPS, 5",
    "GROUPS, 64",
    "GROUPS, 333",
    "PLAIN, 2",
    "PLAIN, 5",
    "PLAIN, 64",
    "PLAIN, 333"
  })
  void theFirstOfTheGreatestIsFound(Form form, int width) {
    RandomArrays random = new RandomArrays(81);
    List<float[]> rows = rows(random, width);
    int stride = Places.stride(width);
    FloatArray values = new FloatArray(BORDER + rows.size() * stride);
    values.init(Float.MAX_VALUE);
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < width; i++) {
        values.set(BORDER + row * stride + i, rows.get(row)[i]);
      }
    }
    IntArray pass = Passes.ofRows(1 << 20);
    pass.set(PassTable.WANTED, rows.size());
    IntArray best = new IntArray(rows.size() + 2);
    best.init(-7);
    switch (form) {
      case GROUPS ->
          OneKernel.run(
              Argmax.ITEMS,
              rows.size(),
              (tasks, name, context) ->
                  tasks.task(name, Argmax::inGroups, context, values, BORDER, best, width, stride),
              values,
              best);
      case PLAIN ->
          OneKernel.run(
              ITEMS,
              rows.size() / ITEMS + 2,
              (tasks, name, _) ->
                  tasks.task(name, Argmax::plain, pass, values, BORDER, best, width, stride),
              pass,
              values,
              best);
    }
    for (int row = 0; row < rows.size(); row++) {
      assertEquals(
          greatest(rows.get(row)),
          best.get(row),
          "row %d, %s: %s".formatted(row, random, Arrays.toString(rows.get(row))));
    }
    assertEquals(-7, best.get(rows.size()), "a row beyond the last was written");
  }

  /** What there is to choose from. */
  private static List<float[]> rows(RandomArrays random, int width) {
    List<float[]> rows = new ArrayList<>();
    float[] numbers = RandomArrays.copy(random.floats(width));
    rows.add(numbers);
    rows.add(constant(width, -3));
    rows.add(constant(width, 0));
    rows.add(constant(width, NAN));
    rows.add(constant(width, Float.NEGATIVE_INFINITY));
    for (int place : new int[] {0, width / 2, width - 1}) {
      rows.add(with(numbers, 100, place));
      rows.add(with(numbers, NAN, place));
      rows.add(with(constant(width, NAN), -5, place));
      rows.add(with(with(numbers, NAN, place), Float.POSITIVE_INFINITY, width - 1));
      rows.add(with(with(numbers, 50, place), 50, width - 1));
      rows.add(with(constant(width, -1e30f), -1, place));
    }
    for (int i = 0; i < 5; i++) {
      float[] ties = constant(width, -2);
      for (int j = 0; j < 7; j++) {
        ties[random.random().nextInt(width)] = -1;
        ties[random.random().nextInt(width)] = NAN;
      }
      rows.add(ties);
    }
    return rows;
  }

  private static float[] constant(int width, float number) {
    float[] numbers = new float[width];
    Arrays.fill(numbers, number);
    return numbers;
  }

  private static float[] with(float[] numbers, float number, int place) {
    float[] changed = numbers.clone();
    changed[place] = number;
    return changed;
  }

  private static int greatest(float[] numbers) {
    int best = -1;
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isNaN(numbers[i]) && (best < 0 || numbers[i] > numbers[best])) {
        best = i;
      }
    }
    return Math.max(best, 0);
  }
}
