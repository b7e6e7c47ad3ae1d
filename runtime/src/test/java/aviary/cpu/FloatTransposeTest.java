package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatTransposeTest {

  /** Whole tiles, what is left of them on either side, and less than one; rows that are apart. */
  @ParameterizedTest
  @CsvSource({"16, 16", "32, 48", "35, 50", "16, 7", "5, 16", "3, 2", "1, 40", "17, 1"})
  void columnsBecomeRowsAndNothingElseIsTouched(int rows, int columns) {
    int stride = columns + 3;
    int toStride = rows + 2;
    float[] from = new float[5 + rows * stride];
    Random random = new Random(rows * 100 + columns);
    for (int i = 0; i < from.length; i++) {
      from[i] = random.nextFloat();
    }
    float[] to = new float[7 + columns * toStride];
    Arrays.fill(to, -1);
    new FloatTranspose().write(from, 5, stride, to, 7, toStride, rows, columns);
    for (int i = 0; i < to.length; i++) {
      int column = (i - 7) / toStride;
      int row = (i - 7) % toStride;
      boolean inside = i >= 7 && row < rows;
      assertEquals(inside ? from[5 + row * stride + column] : -1, to[i], "place " + i);
    }
  }
}
