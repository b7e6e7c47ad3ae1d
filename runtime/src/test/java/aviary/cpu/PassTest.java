package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.StateData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PassTest {

  @Test
  void sequencesThatFitShareAPass() {
    CpuState first = state();
    CpuState second = state();
    Batch batch = Batch.of(Sequence.last(first, 1, 2, 3), Sequence.all(second, 4, 5));
    List<Pass> passes = Pass.of(batch, 5, 3);
    assertEquals(1, passes.size());
    Pass pass = passes.getFirst();
    assertArrayEquals(new int[] {1, 2, 3, 4, 5}, pass.tokens);
    assertArrayEquals(new int[] {2, 3, 4}, pass.wanted);
    assertEquals(
        List.of(new Pass.Part(first.data(), 0, 3), new Pass.Part(second.data(), 3, 2)), pass.parts);
  }

  @Test
  void aSequenceGoesOnInTheNextPass() {
    CpuState first = state();
    CpuState second = state();
    Batch batch = Batch.of(Sequence.last(first, 1, 2), Sequence.last(second, 3, 4, 5, 6, 7));
    List<Pass> passes = Pass.of(batch, 3, 3);
    assertEquals(3, passes.size());
    assertArrayEquals(new int[] {1, 2, 3}, passes.get(0).tokens);
    assertArrayEquals(new int[] {1}, passes.get(0).wanted);
    assertEquals(
        List.of(new Pass.Part(first.data(), 0, 2), new Pass.Part(second.data(), 2, 1)),
        passes.get(0).parts);
    assertArrayEquals(new int[] {4, 5, 6}, passes.get(1).tokens);
    assertEquals(List.of(new Pass.Part(second.data(), 0, 3)), passes.get(1).parts);
    assertArrayEquals(new int[] {7}, passes.get(2).tokens);
    assertArrayEquals(new int[] {0}, passes.get(2).wanted);
  }

  @Test
  void aSequenceThatStartsWhereAPassIsFullIsNotInIt() {
    CpuState second = state();
    Batch batch = Batch.of(Sequence.silent(state(), 1, 2), Sequence.silent(second, 3));
    List<Pass> passes = Pass.of(batch, 2, 1);
    assertEquals(1, passes.get(0).parts.size());
    assertEquals(List.of(new Pass.Part(second.data(), 0, 1)), passes.get(1).parts);
  }

  @Test
  void wantedRowsHaveALimitOfTheirOwn() {
    Batch batch = Batch.of(new Sequence(state(), new int[] {1, 2, 3, 4, 5}, new int[] {0, 1, 4}));
    List<Pass> passes = Pass.of(batch, 100, 2);
    assertEquals(2, passes.size());
    // The fourth token needs no logits, and so still has room.
    assertArrayEquals(new int[] {1, 2, 3, 4}, passes.get(0).tokens);
    assertArrayEquals(new int[] {5}, passes.get(1).tokens);
    assertArrayEquals(new int[] {0}, passes.get(1).wanted);
  }

  @Test
  void anEmptyBatchHasNoPass() {
    assertEquals(List.of(), Pass.of(Batch.of(), 4, 4));
  }

  @Test
  void passesPutTogetherAreTheBatch() {
    for (long seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      int mostRows = random.nextInt(1, 10);
      int mostWanted = random.nextInt(1, 5);
      Batch batch = batch(random);
      assertPutTogether(batch, Pass.of(batch, mostRows, mostWanted), mostRows, mostWanted, seed);
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
  private static void assertPutTogether(
      Batch batch, List<Pass> passes, int mostRows, int mostWanted, long seed) {
    String what = "seed " + seed;
    int sequence = 0;
    int token = 0;
    for (Pass pass : passes) {
      assertTrue(pass.rows() > 0 && pass.rows() <= mostRows, what);
      assertTrue(pass.wanted.length <= mostWanted, what);
      int row = 0;
      List<Integer> wanted = new ArrayList<>();
      for (Pass.Part part : pass.parts) {
        Sequence from = batch.sequences().get(sequence);
        assertSame(((CpuState) from.state()).data(), part.state(), what);
        assertEquals(row, part.begin(), what);
        assertTrue(part.rows() > 0, what);
        for (; row < part.begin() + part.rows(); row++) {
          assertEquals(from.tokens()[token], pass.tokens[row], what);
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
      assertArrayEquals(wanted.stream().mapToInt(i -> i).toArray(), pass.wanted, what);
    }
    assertEquals(batch.sequences().size(), sequence, what + ": sequences that ran to their end");
  }

  /** A state of no engine: passes only hand it on. */
  private static CpuState state() {
    return new CpuState(null, StateData.zero(1, 1, 1, 1));
  }
}
