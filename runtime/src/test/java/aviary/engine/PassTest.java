package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Batch.Sequence;
import aviary.engine.Pass.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PassTest {

  @Test
  void sequencesThatFitShareAPass() {
    NoState first = state();
    NoState second = state();
    Batch batch = Batch.of(Sequence.last(first, 1, 2, 3), Sequence.all(second, 4, 5));
    List<Pass> passes = Pass.of(batch, limits(5, 3));
    assertEquals(1, passes.size());
    Pass pass = passes.getFirst();
    assertArrayEquals(new int[] {1, 2, 3, 4, 5}, pass.tokens());
    assertArrayEquals(new int[] {2, 3, 4}, pass.wanted());
    assertEquals(List.of(new Pass.Part(first, 0, 3), new Pass.Part(second, 3, 2)), pass.parts());
  }

  @Test
  void aSequenceGoesOnInTheNextPass() {
    NoState first = state();
    NoState second = state();
    Batch batch = Batch.of(Sequence.last(first, 1, 2), Sequence.last(second, 3, 4, 5, 6, 7));
    List<Pass> passes = Pass.of(batch, limits(3, 3));
    assertEquals(3, passes.size());
    assertArrayEquals(new int[] {1, 2, 3}, passes.get(0).tokens());
    assertArrayEquals(new int[] {1}, passes.get(0).wanted());
    assertEquals(
        List.of(new Pass.Part(first, 0, 2), new Pass.Part(second, 2, 1)), passes.get(0).parts());
    assertArrayEquals(new int[] {4, 5, 6}, passes.get(1).tokens());
    assertEquals(List.of(new Pass.Part(second, 0, 3)), passes.get(1).parts());
    assertArrayEquals(new int[] {7}, passes.get(2).tokens());
    assertArrayEquals(new int[] {0}, passes.get(2).wanted());
  }

  @Test
  void aSequenceThatStartsWhereAPassIsFullIsNotInIt() {
    NoState second = state();
    Batch batch = Batch.of(Sequence.silent(state(), 1, 2), Sequence.silent(second, 3));
    List<Pass> passes = Pass.of(batch, limits(2, 1));
    assertEquals(1, passes.get(0).parts().size());
    assertEquals(List.of(new Pass.Part(second, 0, 1)), passes.get(1).parts());
  }

  @Test
  void wantedRowsHaveALimitOfTheirOwn() {
    Batch batch = Batch.of(new Sequence(state(), new int[] {1, 2, 3, 4, 5}, new int[] {0, 1, 4}));
    List<Pass> passes = Pass.of(batch, limits(100, 2));
    assertEquals(2, passes.size());
    // The fourth token needs no logits, and so still has room.
    assertArrayEquals(new int[] {1, 2, 3, 4}, passes.get(0).tokens());
    assertArrayEquals(new int[] {5}, passes.get(1).tokens());
    assertArrayEquals(new int[] {0}, passes.get(1).wanted());
  }

  @Test
  void aPassHasSoManySequencesAndNoMore() {
    State third = state();
    Batch batch =
        Batch.of(
            Sequence.silent(state(), 1, 2), Sequence.last(state(), 3), Sequence.last(third, 4));
    List<Pass> passes = Pass.of(batch, new Limits(100, 2, 100));
    assertEquals(2, passes.size());
    assertArrayEquals(new int[] {1, 2, 3}, passes.get(0).tokens());
    assertArrayEquals(new int[] {4}, passes.get(1).tokens());
    assertEquals(List.of(new Pass.Part(third, 0, 1)), passes.get(1).parts());
  }

  @Test
  void withoutLimitsABatchIsOnePass() {
    assertEquals(1, Pass.of(batch(new Random(7)), Limits.NONE).size());
  }

  @Test
  void anEmptyBatchHasNoPass() {
    assertEquals(List.of(), Pass.of(Batch.of(), limits(4, 4)));
  }

  @Test
  void passesPutTogetherAreTheBatch() {
    for (long seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      int mostRows = random.nextInt(1, 10);
      int mostWanted = random.nextInt(1, 5);
      int mostSequences = random.nextInt(1, 5);
      Batch batch = batch(random);
      assertPutTogether(batch, new Limits(mostRows, mostSequences, mostWanted), seed);
    }
  }

  private static Batch batch(Random random) {
    List<Sequence> sequences = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      int[] tokens = random.ints(random.nextInt(1, 15), 0, 1000).toArray();
      double share = random.nextDouble();
      int[] wanted =
          IntStream.range(0, tokens.length).filter(_ -> random.nextDouble() < share).toArray();
      sequences.add(new Sequence(state(), tokens, wanted));
    }
    return new Batch(sequences);
  }

  /** Walks through batch and passes at once. */
  private static void assertPutTogether(Batch batch, Limits limits, long seed) {
    String what = "seed " + seed;
    int sequence = 0;
    int token = 0;
    for (Pass pass : Pass.of(batch, limits)) {
      assertTrue(pass.rows() > 0 && pass.rows() <= limits.rows(), what);
      assertTrue(pass.wanted().length <= limits.wanted(), what);
      assertTrue(pass.parts().size() <= limits.sequences(), what);
      int row = 0;
      List<Integer> wanted = new ArrayList<>();
      for (Pass.Part part : pass.parts()) {
        Sequence from = batch.sequences().get(sequence);
        assertSame(from.state(), part.state(), what);
        assertEquals(row, part.begin(), what);
        assertTrue(part.rows() > 0, what);
        for (; row < part.begin() + part.rows(); row++) {
          assertEquals(from.tokens()[token], pass.tokens()[row], what);
          int position = token;
          if (IntStream.of(from.wanted()).anyMatch(w -> w == position)) {
            wanted.add(row);
          }
          token++;
        }
        if (token == from.tokens().length) {
          sequence++;
          token = 0;
        }
      }
      assertEquals(pass.rows(), row, what);
      assertArrayEquals(wanted.stream().mapToInt(i -> i).toArray(), pass.wanted(), what);
    }
    assertEquals(batch.sequences().size(), sequence, what + ": sequences that ran to their end");
  }

  private static Limits limits(int rows, int wanted) {
    return new Limits(rows, 100, wanted);
  }

  private static NoState state() {
    return new NoState();
  }

  /** A state of no engine: passes only hand it on. */
  private static final class NoState implements State {
    @Override
    public State fork() {
      throw new UnsupportedOperationException();
    }

    @Override
    public StateData read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
