package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextDataTest {
  private static final int COUNT = 8;
  private static final int LENGTH = 5;

  /** A text of which each token says where it stands. */
  private static TextData data(long seed) {
    return new TextData(IntStream.range(0, 10_000).toArray(), 0.1, COUNT, LENGTH, seed, "places");
  }

  @Test
  void labelsAreTheNextTokensOfWhatIsLearnedFrom() {
    for (int step = 0; step < 100; step++) {
      Sequences batch = data(1).batch(step);
      for (int i = 0; i < batch.rows(); i++) {
        assertEquals(batch.tokens()[i] + 1, batch.labels()[i]);
        assertTrue(i % LENGTH == 0 || batch.tokens()[i] == batch.tokens()[i - 1] + 1);
        assertTrue(batch.labels()[i] < 9000, "the last tenth is held out");
      }
    }
  }

  @Test
  void aBatchIsTheSameWheneverItIsAskedFor() {
    TextData data = data(1);
    int[] seventh = data.batch(7).tokens();
    data.batch(8);
    assertArrayEquals(seventh, data.batch(7).tokens());
  }

  /** Of 8 places in 9,000, two sets of random ones share one in a case of 140. */
  @Test
  void neighbouringSeedsAndStepsBeginElsewhere() {
    int shared = 0;
    for (int step = 0; step < 50; step++) {
      Set<Integer> begins = begins(1, step);
      for (Set<Integer> other : Set.of(begins(2, step), begins(1, step + 1))) {
        other.retainAll(begins);
        shared += other.size();
      }
    }
    // Of 100 pairs less than one is expected to share a place.
    assertTrue(shared <= 5, shared + " places are shared");
  }

  private static Set<Integer> begins(long seed, long step) {
    int[] tokens = data(seed).batch(step).tokens();
    Set<Integer> begins = new HashSet<>();
    for (int s = 0; s < COUNT; s++) {
      begins.add(tokens[s * LENGTH]);
    }
    return begins;
  }

  @Test
  void whatIsHeldOutIsTheEndInStreams() {
    Sequences rest = data(1).heldOut(4);
    assertEquals(4, rest.count());
    assertEquals(249, rest.length());
    assertEquals(9000, rest.tokens()[0]);
    assertEquals(9000 + 249, rest.tokens()[249]);
    assertEquals(9001, rest.labels()[0]);
  }

  @Test
  void ofWhatIsHeldOutTheBeginningMayDo() {
    Sequences rest = data(1).heldOut(4, 100);
    assertEquals(4, rest.count());
    assertEquals(25, rest.length());
    assertEquals(9000, rest.tokens()[0]);
  }

  @Test
  void whereLittleIsHeldOutThereAreFewerStreams() {
    Sequences rest = data(1).heldOut(100_000);
    assertEquals(999, rest.count());
    assertEquals(1, rest.length());
    assertNull(new TextData(new int[100], 0.01, 2, 8, 1, "zeros").heldOut(4));
  }

  @Test
  void aBatchThatNoArrayHoldsIsRefused() {
    InputException e =
        assertThrows(
            InputException.class,
            () -> new TextData(new int[1000], 0.1, 100_000_000, 256, 1, "zeros"));
    assertTrue(e.getMessage().startsWith("--batch-size 100000000: "), e.getMessage());
  }
}
