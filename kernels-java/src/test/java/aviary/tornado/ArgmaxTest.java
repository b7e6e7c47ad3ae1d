package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.tornado.kernels.Argmax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class ArgmaxTest {
  private static final float NAN = Float.NaN;
  private static final int BORDER = 3;
  private static final int ROWS = 28;

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 64, 333})
  void theFirstOfTheGreatestIsFoundInGroups(int width) {
    check(
        width,
        Argmax.ITEMS,
        (values, best, stride) ->
            (tasks, name, context) ->
                tasks.task(name, Argmax::inGroups, context, values, BORDER, best, width, stride));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 64, 333})
  void theFirstOfTheGreatestIsFoundByOneWorkItem(int width) {
    IntArray pass = Passes.ofWanted(ROWS);
    check(
        width,
        1,
        (values, best, stride) ->
            (tasks, name, _) ->
                tasks.task(name, Argmax::plain, pass, values, BORDER, best, width, stride),
        pass);
  }

  private interface Form {
    OneKernel.Kernel of(FloatArray values, IntArray best, int stride);
  }

  private static void check(int width, int items, Form form, Object... more) {
    RandomArrays random = new RandomArrays(81);
    List<float[]> rows = rows(random, width);
    assertEquals(ROWS, rows.size());
    int stride = width + 5;
    FloatArray values = new FloatArray(BORDER + ROWS * stride);
    values.init(Float.MAX_VALUE);
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < width; i++) {
        values.set(BORDER + row * stride + i, rows.get(row)[i]);
      }
    }
    IntArray best = new IntArray(ROWS + 2);
    best.init(-7);
    Object[] arrays = Stream.concat(Stream.of(values, best), Stream.of(more)).toArray();
    OneKernel.run(items, ROWS, form.of(values, best, stride), arrays);
    for (int row = 0; row < ROWS; row++) {
      assertEquals(
          greatest(rows.get(row)),
          best.get(row),
          "row %d, %s: %s".formatted(row, random, Arrays.toString(rows.get(row))));
    }
    assertEquals(-7, best.get(ROWS), "a row beyond the last was written");
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
