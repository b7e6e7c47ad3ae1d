package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.cpu.ManyRows.Rows;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LowRankUpTest {

  /** Rows go by four, and one by one behind the last four. */
  private static final int[] ROWS = {1, 3, 4, 9};

  @Test
  void aProductHoldsAtEveryWidth() {
    RandomInput input = new RandomInput(31);
    for (int outs : RandomInput.WIDTHS) {
      for (int ins : new int[] {1, 3, 32}) {
        for (int rows : ROWS) {
          assertProduct(input, rows, ins, outs, 0, outs);
          int from = outs / 3 / LowRankUp.PANEL * LowRankUp.PANEL;
          assertProduct(input, rows, ins, outs, from, outs - outs / 4);
        }
      }
    }
  }

  private static void assertProduct(
      RandomInput input, int rows, int ins, int outs, int from, int to) {
    float[] weights = input.floats(ins * outs);
    LowRankUp up = LowRankUp.of(weights, ins, outs);
    Rows x = new Rows(input.floats(2 + rows * (ins + 4)), 2, ins + 4);
    Rows y = new Rows(new float[3 + rows * (outs + 1)], 3, outs + 1);
    Arrays.fill(y.array(), 77);
    up.product(x, rows, y, from, to);
    for (int at = 0; at < y.array().length; at++) {
      int row = (at - y.at()) / y.stride();
      int o = (at - y.at()) % y.stride();
      if (at < y.at() || o < from || o >= to) {
        assertEquals(77, y.array()[at], "a number that is no result was written, at " + at);
        continue;
      }
      DoubleSum sum = new DoubleSum();
      for (int i = 0; i < ins; i++) {
        sum.add(weights[i * outs + o], x.array()[x.begin(row) + i]);
      }
      sum.assertNear(
          y.array()[at],
          () ->
              "%d by %d, row %d of %d, result %d of %d .. %d, %s"
                  .formatted(ins, outs, row, rows, o, from, to, input));
    }
  }

  /** As in a tensor of five, for the five mixes. */
  @Test
  void oneMatrixOfSeveralIsRead() {
    short[] numbers = new short[5 * 2 * 3];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.floatToFloat16(i);
    }
    byte[] bytes = new byte[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[2 * i] = (byte) numbers[i];
      bytes[2 * i + 1] = (byte) (numbers[i] >> 8);
    }
    Tensor tensor = new Tensor("up", DType.F16, new long[] {5, 2, 3}, MemorySegment.ofArray(bytes));
    LowRankUp up = LowRankUp.of(tensor, 4, 2, 3);
    float[] y = new float[3];
    up.product(new Rows(new float[] {1, 100}, 0, 2), 1, new Rows(y, 0, 3), 0, 3);
    assertArrayEquals(new float[] {24 + 2700, 25 + 2800, 26 + 2900}, y);
  }
}
