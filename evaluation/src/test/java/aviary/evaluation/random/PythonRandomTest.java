package aviary.evaluation.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The numbers are those of CPython 3.11. */
class PythonRandomTest {

  @Test
  void randomIsPythons() {
    PythonRandom random = new PythonRandom(1234);
    assertEquals(0.9664535356921388, random.random());
    assertEquals(0.4407325991753527, random.random());
    assertEquals(0.007491470058587191, random.random());
    assertEquals(0.6353574441341173, new PythonRandom(4294967295L).random());
  }

  @Test
  void samplesArePythonsFromPoolsAndByRejection() {
    PythonRandom random = new PythonRandom(1234);
    for (int i = 0; i < 3; i++) {
      random.random();
    }
    assertArrayEquals(new int[] {0, 5, 6}, random.sample(8, 3));
    assertArrayEquals(new int[] {1, 0, 2}, random.sample(8, 3));
    assertArrayEquals(new int[] {3, 0, 6}, random.sample(8, 3));
    assertArrayEquals(new int[] {807, 16, 354, 663, 638}, random.sample(1000, 5));
    assertArrayEquals(new int[] {61, 78, 59, 19, 11, 23, 91}, random.sample(100, 7));
    assertArrayEquals(
        new int[] {58, 7, 257, 249, 127, 33, 341, 277}, Arrays.copyOf(random.sample(400, 30), 8));
    assertArrayEquals(
        new int[] {13, 11, 9, 6, 25}, Arrays.copyOfRange(random.sample(30, 30), 25, 30));
    assertArrayEquals(new int[0], random.sample(5, 0));
    assertThrows(IllegalArgumentException.class, () -> random.sample(2, 3));
  }

  @Test
  void choicesArePythonsAlsoAfterTheStateWasRenewed() {
    PythonRandom random = new PythonRandom(0);
    assertArrayEquals(
        new int[] {4351, 3905, 2167, 1334, 2634, 2086},
        IntStream.range(0, 6).map(_ -> random.choice(5153)).toArray());
    assertArrayEquals(
        new int[] {(int) 3366389305L, (int) 3564191072L, 1302718217},
        IntStream.range(0, 3).map(_ -> random.nextBits()).toArray());
    for (int i = 0; i < 1000; i++) {
      random.random();
    }
    assertEquals(0.8301443917589898, random.random());
  }
}
