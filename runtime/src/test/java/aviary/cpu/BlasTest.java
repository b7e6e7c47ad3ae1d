package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.cpu.KnownMatrix.Type;
import aviary.cpu.ManyRows.Rows;
import aviary.engine.BlasChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlasTest {
  private static final int OUTS = 37;

  /** What BF16 keeps of a number twice: 8 bits each time, with rounding. */
  private static final double TWO_PARTS = 0x1p-17;

  private final RandomInput input = new RandomInput(31);

  @Test
  void aProductOfFloatsHasEveryRowTimesEveryRow() throws IOException {
    Blas blas = Libraries.openBlas();
    for (int ins : new int[] {1, 33, 64, 300}) {
      for (int rows : new int[] {1, 8, 17}) {
        KnownMatrix known = Type.F32.draw(input, OUTS, ins, false);
        assertProduct(blas, known, rows, 0, OUTS, 0);
        assertProduct(blas, known, rows, 5, 21, 0);
      }
    }
  }

  /** The same weights; activations are off by what two BF16 numbers do not hold. */
  @Test
  void aProductOfBf16HasEveryRowTimesEveryRow() {
    Blas blas = Libraries.withBf16();
    for (int ins : new int[] {1, 33, 64, 300}) {
      for (int rows : new int[] {1, 8, 17}) {
        KnownMatrix known = Type.BF16.draw(input, OUTS, ins, true);
        assertProduct(blas, known, rows, 0, OUTS, TWO_PARTS);
        assertProduct(blas, known, rows, 5, 21, TWO_PARTS);
      }
    }
  }

  private void assertProduct(Blas blas, KnownMatrix known, int rows, int from, int to, double off) {
    int ins = known.matrix().ins();
    Rows x = new Rows(input.floats(5 + rows * (ins + 3)), 5, ins + 3);
    Rows y = new Rows(new float[4 + rows * (OUTS + 2)], 4, OUTS + 2);
    Arrays.fill(y.array(), 77);
    blas.product(known.matrix(), x, rows, y, from, to, new Blas.Room());
    for (int at = 0; at < y.array().length; at++) {
      int row = (at - y.at()) / y.stride();
      int o = (at - y.at()) % y.stride();
      if (at < y.at() || o < from || o >= to) {
        assertEquals(77, y.array()[at], "a number that is no result was written, at " + at);
        continue;
      }
      double sum = 0;
      double size = 0;
      for (int i = 0; i < ins; i++) {
        double term = (double) known.at(o, i) * x.array()[x.begin(row) + i];
        sum += term;
        size += Math.abs(term);
      }
      double bound = ((2 * ins + 2) * DoubleSum.ROUNDING + off) * size + Float.MIN_NORMAL;
      assertEquals(sum, y.array()[at], bound, () -> blas + ", " + input);
    }
  }

  @Test
  void aNumberIsTheSumOfItsTwoParts() {
    float[] numbers = input.floats(Lanes.COUNT * 2 + 3);
    int count = numbers.length;
    numbers[0] = 0;
    numbers[1] = 1 + 0x1p-8f; // As near to 1 as to the next.
    numbers[count - 1] = -3e38f;
    short[] parts = new short[2 * count + 1];
    Blas.split(numbers, 0, count, parts, 1, count);
    for (int i = 0; i < count; i++) {
      float high = Float.intBitsToFloat(parts[1 + i] << 16);
      float low = Float.intBitsToFloat(parts[1 + count + i] << 16);
      assertEquals(numbers[i], high, 0x1p-8 * Math.abs(numbers[i]), "the first part");
      assertEquals(numbers[i], (double) high + low, TWO_PARTS * Math.abs(numbers[i]), "both parts");
    }
  }

  @Test
  void onlyMatricesAsTheyAreAreTaken() throws IOException {
    Blas blas = Libraries.openBlas();
    assertTrue(blas.takes(Type.F32.draw(input, 2, 2, true).matrix()));
    assertEquals(blas.hasBf16(), blas.takes(Type.BF16.draw(input, 2, 2, true).matrix()));
    assertFalse(blas.takes(Type.F16.draw(input, 2, 2, true).matrix()));
    assertFalse(blas.takes(Type.Q8.draw(input, 2, 32, true).matrix()));
  }

  @Test
  void noneIsNone() {
    assertTrue(BlasLibrary.chosen(BlasChoice.NONE).isEmpty());
  }

  @Test
  void anUnknownChoiceIsToldWhatThereIs() {
    InputException e = assertThrows(InputException.class, () -> BlasChoice.parse("atlas"));
    assertEquals("--blas atlas: there is auto, none, openblas, mkl", e.getMessage());
  }

  @Test
  void aPathThatHoldsNoLibraryIsTold(@TempDir Path folder) throws IOException {
    assertEquals(Optional.empty(), BlasLibrary.whatIsWrongWith(null));
    assertEquals(
        Optional.of("AVIARY_BLAS_PATH=/nowhere does not exist"),
        BlasLibrary.whatIsWrongWith("/nowhere"));
    String in = folder.toString();
    String told = BlasLibrary.whatIsWrongWith(in).orElseThrow();
    String why = "AVIARY_BLAS_PATH=%s holds no library of these names: libopenblas.so.0, ";
    assertTrue(told.startsWith(why.formatted(in)), told);
    assertTrue(told.contains(", libmkl_rt.so.3, libmkl_rt.so.2, "), told);
    Path other = Files.createFile(folder.resolve("other.so"));
    assertTrue(
        BlasLibrary.whatIsWrongWith(other.toString()).orElseThrow().contains("is a file of none"));
    Files.createFile(folder.resolve("libopenblas.so.0"));
    assertEquals(Optional.empty(), BlasLibrary.whatIsWrongWith(in));
  }

  @Test
  void whatIsNoLibraryIsNotOpened() {
    assertTrue(BlasLibrary.OPENBLAS.open("/nowhere/libopenblas.so.0").isEmpty());
  }
}
