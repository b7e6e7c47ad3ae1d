package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.cpu.KnownMatrix.Type;
import aviary.cpu.ManyRows.Rows;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ManyRowsTest {
  /** Two whole panels, and a part of one. */
  private static final int OUTS = 2 * ManyRows.PANEL + 5;

  @ParameterizedTest
  @EnumSource(Type.class)
  void aProductHasEveryRowTimesEveryRow(Type type) {
    RandomInput input = new RandomInput(21);
    for (int ins : new int[] {1, 3, 16, 33, 64, 100, 128, ManyRows.DEPTH + 96}) {
      KnownMatrix known = type.draw(input, OUTS, ins, false);
      for (int rows = 1; rows <= 17; rows += rows < 9 ? 1 : 4) {
        assertProduct(known, input, rows, 0, OUTS);
      }
    }
  }

  @Test
  void aProductHoldsAtEveryWidth() {
    RandomInput input = new RandomInput(22);
    for (int ins : RandomInput.WIDTHS) {
      assertProduct(Type.F32.draw(input, OUTS, ins, true), input, 5, 0, OUTS);
    }
  }

  @Test
  void onlyTheResultsAskedForAreWritten() {
    RandomInput input = new RandomInput(23);
    KnownMatrix known = Type.BF16.draw(input, OUTS, 37, true);
    for (int from = 0; from <= OUTS; from += 3) {
      for (int to = from; to <= OUTS; to += 5) {
        assertProduct(known, input, 6, from, to);
      }
    }
  }

  private static void assertProduct(
      KnownMatrix known, RandomInput input, int rows, int from, int to) {
    int ins = known.matrix().ins();
    Rows x = new Rows(input.floats(5 + rows * (ins + 3)), 5, ins + 3);
    Rows y = product(known, x, rows, from, to);
    for (int at = 0; at < y.array().length; at++) {
      int row = (at - y.at()) / y.stride();
      int o = (at - y.at()) % y.stride();
      if (at < y.at() || row >= rows || o < from || o >= to) {
        assertEquals(77, y.array()[at], "a number that is no result was written, at " + at);
        continue;
      }
      DoubleSum sum = new DoubleSum();
      for (int i = 0; i < ins; i++) {
        sum.add(known.at(o, i), x.array()[x.begin(row) + i]);
      }
      sum.assertNear(
          y.array()[at],
          () ->
              "%d columns, row %d of %d, result %d of %d .. %d, %s"
                  .formatted(ins, row, rows, o, from, to, input));
    }
  }

  /** The last row's last result is the last number of the array. */
  private static Rows product(KnownMatrix known, Rows x, int rows, int from, int to) {
    int stride = OUTS + 2;
    Rows y = new Rows(new float[4 + rows * stride - 2], 4, stride);
    Arrays.fill(y.array(), 77);
    float[] panel = new float[ManyRows.panelSize(known.matrix().ins())];
    ManyRows.product(known.matrix(), x, rows, y, from, to, panel);
    return y;
  }

  @Test
  void aNanStaysInItsRow() {
    RandomInput input = new RandomInput(24);
    int rows = 9;
    for (int ins : new int[] {3, 16, 37, 64}) {
      KnownMatrix known = Type.F32.draw(input, OUTS, ins, true);
      for (int sick = 0; sick < rows; sick++) {
        Rows x = new Rows(input.floats(rows * ins), 0, ins);
        x.array()[x.begin(sick) + ins / 2] = Float.NaN;
        Rows y = product(known, x, rows, 0, OUTS);
        for (int row = 0; row < rows; row++) {
          for (int o = 0; o < OUTS; o++) {
            float result = y.array()[y.begin(row) + o];
            assertEquals(
                row == sick,
                Float.isNaN(result),
                "row %d, result %d, with a NaN in row %d".formatted(row, o, sick));
          }
        }
      }
    }
  }

  @Test
  void aDotProductTakesTheNumbersFromItsPlacesOn() {
    RandomInput input = new RandomInput(25);
    for (int count : RandomInput.WIDTHS) {
      float[] a = input.floats(count + 2);
      float[] b = input.floats(count + 5);
      DoubleSum sum = new DoubleSum();
      for (int i = 0; i < count; i++) {
        sum.add(a[2 + i], b[5 + i]);
      }
      sum.assertNear(ManyRows.dot(a, 2, b, 5, count), () -> count + " numbers, " + input);
    }
  }
}
