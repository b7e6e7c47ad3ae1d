package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class SumsTest {
  private static final int L = Lanes.COUNT;

  /** Enough for the compiler to take the methods over from the interpreter. */
  private static final int UNTIL_COMPILED = 100_000;

  /** Sums of whole numbers below 2^24 are exact in any order: each lane has to be in once. */
  @Test
  void everyLaneIsInItsSumOnce() {
    RandomInput input = new RandomInput(51);
    for (int round = 0; round < 1000; round++) {
      float[] vectors = wholeNumbers(input, 3 + 4 * L);
      float[] expected = new float[4];
      for (int i = 0; i < 4 * L; i++) {
        expected[i / L] += vectors[3 + i];
      }
      assertEquals(
          expected[0], Sums.one(FloatVector.fromArray(Lanes.FLOATS, vectors, 3)), input::toString);
      float[] sums = {77, 77, 77, 77, 77, 77};
      Sums.four(vectors, 3, sums, 1);
      assertArrayEquals(expected, Arrays.copyOfRange(sums, 1, 5), input.toString());
      assertEquals(77, sums[0]);
      assertEquals(77, sums[5]);
    }
  }

  private static float[] wholeNumbers(RandomInput input, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = input.random().nextInt(-1_000_000, 1_000_000);
    }
    return numbers;
  }

  /** The first calls are interpreted, where no test ran before; the last are compiled. */
  @Test
  void theBitsAreTheSameAfterManyCalls() {
    RandomInput input = new RandomInput(52);
    float[][] vectors = new float[16][];
    int[][] first = new int[vectors.length][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = input.floats(4 * L);
      first[i] = bits(vectors[i]);
    }
    for (int call = 0; call < UNTIL_COMPILED; call++) {
      int i = call % vectors.length;
      if (!Arrays.equals(first[i], bits(vectors[i]))) {
        assertArrayEquals(first[i], bits(vectors[i]), "call " + call + ", " + input);
      }
    }
  }

  /** One by one or by four, and as additions of single floats, which have but one result. */
  @Test
  void theOrderOfAdditionsIsFromFarLanesToNearOnes() {
    RandomInput input = new RandomInput(53);
    for (int call = 0; call < UNTIL_COMPILED; call++) {
      float[] vectors = input.floats(4 * L);
      int[] expected = new int[8];
      for (int i = 0; i < 4; i++) {
        expected[i] = Float.floatToIntBits(sum(Arrays.copyOfRange(vectors, i * L, (i + 1) * L)));
        expected[4 + i] = expected[i];
      }
      if (!Arrays.equals(expected, bits(vectors))) {
        assertArrayEquals(expected, bits(vectors), "call " + call + ", " + input);
      }
    }
  }

  private static float sum(float[] lanes) {
    for (int count = L / 2; count > 0; count /= 2) {
      for (int i = 0; i < count; i++) {
        lanes[i] += lanes[i + count];
      }
    }
    return lanes[0];
  }

  /** The sums of four vectors, taken one by one, and then together. */
  private static int[] bits(float[] vectors) {
    float[] together = new float[4];
    Sums.four(vectors, 0, together, 0);
    int[] bits = new int[8];
    for (int i = 0; i < 4; i++) {
      bits[i] = Float.floatToIntBits(Sums.one(FloatVector.fromArray(Lanes.FLOATS, vectors, i * L)));
      bits[4 + i] = Float.floatToIntBits(together[i]);
    }
    return bits;
  }
}
