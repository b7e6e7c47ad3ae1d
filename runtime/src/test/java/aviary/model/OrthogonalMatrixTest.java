package aviary.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrthogonalMatrixTest {

  private static float[] make(int rows, int columns, double gain, long seed) {
    RandomNumbers random = RandomNumbers.of(seed, "test");
    OrthogonalMatrix matrix = new OrthogonalMatrix(rows, columns, (float) gain, random);
    float[] out = new float[rows * columns];
    matrix.reader().read(0, out.length, out);
    return out;
  }

  /**
   * In floats each number passes two roundings of 2^-24 in each of at most 70 layers of rotations,
   * and these add up as a random walk: 7e-7 of a column's length. An inner product of two columns
   * has the error of both; four times that leaves room for the worst of many.
   */
  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "2,2,1",
    "3,3,1",
    "64,64,1",
    "100,100,0.1",
    "127,127,2",
    "512,512,0.1",
    "2,1,1",
    "65,64,1",
    "224,64,1",
    "67,48,3",
    "300,97,0.5",
    "1000,1,1",
    "1000,3,1",
    "896,256,1",
    "1,2,1",
    "64,65,0.5",
    "48,67,0.5",
    "3,500,1",
    "97,300,2",
    "1,1000,1"
  })
  void theShorterSideIsOrthogonal(int rows, int columns, double gain) {
    float[] w = make(rows, columns, gain, 3);
    boolean tall = rows >= columns;
    int shorter = Math.min(rows, columns);
    for (int a = 0; a < shorter; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = 0;
        for (int i = 0; i < Math.max(rows, columns); i++) {
          sum +=
              tall
                  ? (double) w[i * columns + a] * w[i * columns + b]
                  : (double) w[a * columns + i] * w[b * columns + i];
        }
        double wanted = a == b ? gain * gain : 0;
        assertEquals(wanted, sum, 4 * 2 * 7e-7 * gain * gain, "of " + a + " and " + b);
      }
    }
  }

  /**
   * Against N(0, gain^2 / longer side): the greatest distance of the two distribution functions.
   * For as many independent numbers it would pass 1.95 / sqrt(count) once in a thousand times;
   * these depend on each other, and are multiples of small steps, which together is allowed as much
   * again, and 0.002.
   */
  @ParameterizedTest
  @CsvSource({"1024,1024", "896,256", "1000,1000", "300,200", "1025,1024", "256,1024", "64,1000"})
  void numbersLookNormal(int rows, int columns) {
    double gain = 0.5;
    float[] w = make(rows, columns, gain, 4);
    double deviation = gain / Math.sqrt(Math.max(rows, columns));
    Arrays.sort(w);
    double distance = 0;
    for (int i = 0; i < w.length; i++) {
      double normal = normalCdf(w[i] / deviation);
      distance = Math.max(distance, Math.abs(normal - (i + 0.5) / w.length));
    }
    System.out.printf("OrthogonalMatrixTest %d x %d: %.5f%n", rows, columns, distance);
    assertTrue(distance < 2 * 1.95 / Math.sqrt(w.length) + 0.002, "distance " + distance);
  }

  /** By the series of the error function; enough terms for eight deviations. */
  private static double normalCdf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200 && Math.abs(term) > 1e-18; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  @Test
  void seedsAndNamesGiveMatricesThatHaveNothingInCommon() {
    float[] one = make(256, 256, 1, 1);
    assertArrayEquals(one, make(256, 256, 1, 1));
    float[] other = make(256, 256, 1, 2);
    float[] named = new float[256 * 256];
    new OrthogonalMatrix(256, 256, 1, RandomNumbers.of(1, "tset")).reader().read(0, 65536, named);
    for (float[] second : new float[][] {other, named}) {
      double sum = 0;
      for (int i = 0; i < one.length; i++) {
        sum += (double) one[i] * second[i];
      }
      // Products of numbers of size 1/16 that are independent: 65536 of them sum to about 1.
      assertEquals(0, sum, 5);
    }
  }

  @ParameterizedTest
  @CsvSource({"96,64", "64,96", "33,70"})
  void anyRangeCanBeReadAlone(int rows, int columns) {
    OrthogonalMatrix matrix = new OrthogonalMatrix(rows, columns, 1, RandomNumbers.of(9, "ranges"));
    float[] whole = new float[rows * columns];
    matrix.reader().read(0, whole.length, whole);
    BlockGrid grid = new BlockGrid(rows, columns);
    Random random = new Random(2);
    WeightSource.Reader reader = matrix.reader();
    for (int round = 0; round < 200; round++) {
      int first = random.nextInt((int) grid.blocks());
      int end = first + 1 + random.nextInt((int) grid.blocks() - first);
      int start = (int) grid.start(first);
      int count = (int) grid.start(end) - start;
      float[] part = new float[count];
      reader.read(start, count, part);
      assertArrayEquals(Arrays.copyOfRange(whole, start, start + count), part);
    }
  }
}
