package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.cpu.FloatProducts.View;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatProductsTest {
  private static final int PANELS_EDGE = 50;
  private static final int TILES_EDGE = 21;

  private static float[] numbers(int count, int seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return numbers;
  }

  /** A matrix [rows, columns] that lies by rows, or by columns. */
  private static View view(int rows, int columns, boolean exchanged, int seed) {
    float[] numbers = numbers(rows * columns, seed);
    return exchanged ? View.of(numbers, rows).exchanged() : View.of(numbers, columns);
  }

  private static double at(View view, int row, int column) {
    return view.array()[view.at() + row * view.rowStep() + column * view.columnStep()];
  }

  /**
   * Sizes that are no whole tiles and panels, and more depth than a panel has. A sum of 1,030
   * products of numbers below a half is off by less than 1,030 roundings of its largest part.
   */
  @ParameterizedTest
  @CsvSource({
    "false, false, 1030, false", "false, true, 1030, true", "true, false, 17, true",
    "true, true, 1030, false", "true, true, 1, false", "false, true, 40, true"
  })
  void rowsAndColumnsMayBeExchanged(boolean a, boolean b, int depth, boolean add) {
    View left = view(TILES_EDGE, depth, a, 1);
    View right = view(depth, PANELS_EDGE, b, 2);
    float[] before = numbers(TILES_EDGE * PANELS_EDGE, 3);
    float[] result = before.clone();
    FloatProducts.multiply(
        left,
        right,
        View.of(result, PANELS_EDGE),
        PANELS_EDGE,
        depth,
        0,
        TILES_EDGE,
        add,
        new float[FloatProducts.ROOM]);
    for (int row = 0; row < TILES_EDGE; row++) {
      for (int column = 0; column < PANELS_EDGE; column++) {
        int place = row * PANELS_EDGE + column;
        double sum = add ? before[place] : 0;
        for (int k = 0; k < depth; k++) {
          sum += at(left, row, k) * at(right, k, column);
        }
        assertEquals(sum, result[place], 1e-4, "row %d, column %d".formatted(row, column));
      }
    }
  }

  @Test
  void aMatrixWhoseRowsAndColumnsAreApartIsRefused() {
    View apart = new View(new float[100], 0, 10, 2);
    float[] room = new float[FloatProducts.ROOM];
    View c = View.of(new float[100], 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> FloatProducts.multiply(apart, apart, c, 4, 4, 0, 4, false, room));
  }
}
