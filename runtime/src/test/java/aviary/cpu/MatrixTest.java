package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.cpu.KnownMatrix.Type;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixTest {
  private static final int OUTS = 7;

  /** Also rows with so many of Q8_0's blocks that their scales fill whole vectors. */
  private static final int[] WIDTHS =
      IntStream.concat(Arrays.stream(RandomInput.WIDTHS), IntStream.of(512, 544, 1024)).toArray();

  @ParameterizedTest
  @EnumSource(Type.class)
  void aRowIsWidenedExactly(Type type) {
    RandomInput input = new RandomInput(11);
    for (int ins : WIDTHS) {
      for (boolean aligned : new boolean[] {true, false}) {
        assertWidens(type.draw(input, OUTS, ins, aligned), type + ", " + input);
      }
    }
  }

  /** In rows of vectors alone, and in rows that end between two vectors. */
  @Test
  void everyHalfIsWidenedExactly() {
    short[] finite = new short[0x7C00 * 2];
    for (int i = 0; i < 0x7C00; i++) {
      finite[2 * i] = (short) i;
      finite[2 * i + 1] = (short) (0x8000 | i);
    }
    for (int ins : new int[] {31 * 32, 31 * 4, 31}) {
      assertWidens(KnownMatrix.f16(finite, finite.length / ins, ins, true), "F16");
    }
  }

  @Test
  void everyUpperHalfOfAFloatIsWidenedExactly() {
    short[] all = new short[65_537];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
    }
    short[] cut = Arrays.copyOf(all, 65_536);
    assertWidens(KnownMatrix.bf16(cut, 1024, 64, true), "BF16");
    short[] thirteens = Arrays.copyOf(all, 65_536 + 13 - 65_536 % 13);
    assertWidens(KnownMatrix.bf16(thirteens, thirteens.length / 13, 13, true), "BF16");
  }

  private static void assertWidens(KnownMatrix known, String what) {
    int ins = known.matrix().ins();
    int at = 3;
    for (int row = 0; row < known.matrix().outs(); row++) {
      float[] out = new float[at + ins + 5];
      Arrays.fill(out, 77);
      known.matrix().widen(row, out, at);
      for (int i = 0; i < out.length; i++) {
        float expected = i < at || i >= at + ins ? 77 : known.at(row, i - at);
        if (Float.floatToRawIntBits(expected) != Float.floatToRawIntBits(out[i])) {
          assertEquals(expected, out[i], what + ", row " + row + " of " + ins + ", at " + (i - at));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Type.class)
  void aProductIsThatOfTheWidenedRows(Type type) {
    RandomInput input = new RandomInput(12);
    int step = type.draw(input, 1, 1, true).matrix().step();
    int[] widths =
        IntStream.concat(
                Arrays.stream(WIDTHS),
                IntStream.of(step - 1, step, step + 1, 3 * step, 3 * step + 1))
            .toArray();
    for (int ins : widths) {
      for (boolean aligned : new boolean[] {true, false}) {
        KnownMatrix known = type.draw(input, OUTS, ins, aligned);
        assertProduct(known, input, 0, OUTS);
        assertProduct(known, input, 0, OUTS - 1);
        assertProduct(known, input, 2, 5);
        assertProduct(known, input, 1, 5);
        assertProduct(known, input, OUTS - 1, OUTS);
        assertProduct(known, input, 3, 3);
      }
    }
  }

  /** F16 multiplies activations and sums by 2^56 each: neither may overflow or lose bits. */
  @ParameterizedTest
  @EnumSource(Type.class)
  void activationsMayBeVeryLargeOrSmall(Type type) {
    RandomInput input = new RandomInput(14);
    KnownMatrix known = type.draw(input, OUTS, 1024, true);
    for (float size : new float[] {0x1p60f, 0x1p-40f}) {
      float[] x = input.floats(1024);
      for (int i = 0; i < x.length; i++) {
        x[i] *= size;
      }
      float[] y = new float[OUTS];
      known.matrix().timesOne(x, y, 0, 0, OUTS);
      assertProducts(known, x, y, 0, OUTS, input);
    }
  }

  @ParameterizedTest
  @EnumSource(Type.class)
  void fourRowsOfActivationsGetTheirOwnProducts(Type type) {
    RandomInput input = new RandomInput(13);
    int step = type.draw(input, 1, 1, true).matrix().step();
    for (int ins : new int[] {step, 2 * step, 3 * step, 17 * step}) {
      for (boolean aligned : new boolean[] {true, false}) {
        KnownMatrix known = type.draw(input, OUTS, ins, aligned);
        assertFourProducts(known, input, 0, OUTS);
        assertFourProducts(known, input, 0, OUTS - 1);
        assertFourProducts(known, input, 2, 5);
        assertFourProducts(known, input, OUTS - 1, OUTS);
        assertFourProducts(known, input, 3, 3);
      }
    }
  }

  private static void assertFourProducts(KnownMatrix known, RandomInput input, int from, int to) {
    int ins = known.matrix().ins();
    float[] x = input.floats(3 + 4 * ins);
    float[] y = new float[5 + 4 * OUTS];
    Arrays.fill(y, 77);
    known.matrix().timesFour(x, 3, y, 5, from, to);
    for (int k = 0; k < 4; k++) {
      float[] activations = Arrays.copyOfRange(x, 3 + k * ins, 3 + (k + 1) * ins);
      float[] products = Arrays.copyOfRange(y, 5 + k * OUTS, 5 + (k + 1) * OUTS);
      assertProducts(known, activations, products, from, to, input);
    }
  }

  private static void assertProduct(KnownMatrix known, RandomInput input, int from, int to) {
    int ins = known.matrix().ins();
    float[] x = input.floats(ins);
    float[] between = new float[3 + ins];
    System.arraycopy(x, 0, between, 3, ins);
    float[] padded = new float[5 + OUTS];
    Arrays.fill(padded, 77);
    known.matrix().times(between, 3, padded, 5, from, to, new float[2 * ins]);
    float[] y = Arrays.copyOfRange(padded, 5, padded.length);
    assertProducts(known, x, y, from, to, input);
  }

  private static void assertProducts(
      KnownMatrix known, float[] x, float[] y, int from, int to, RandomInput input) {
    int ins = known.matrix().ins();
    for (int row = 0; row < OUTS; row++) {
      if (row < from || row >= to) {
        assertEquals(77, y[row], "row " + row + " is not of " + from + " .. " + to);
        continue;
      }
      int o = row;
      DoubleSum sum = new DoubleSum();
      for (int i = 0; i < ins; i++) {
        sum.add(known.at(o, i), x[i]);
      }
      sum.assertNear(
          y[o],
          () ->
              "%s, %d columns, row %d of %d .. %d, %s"
                  .formatted(known.matrix().getClass().getSimpleName(), ins, o, from, to, input));
    }
  }

  @Test
  void noMatrixIsMadeOfWholeNumbers() {
    Tensor whole =
        new Tensor("w", DType.I64, new long[] {1, 1}, MemorySegment.ofArray(new byte[8]));
    assertThrows(IllegalArgumentException.class, () -> Matrix.of(whole));
  }
}
