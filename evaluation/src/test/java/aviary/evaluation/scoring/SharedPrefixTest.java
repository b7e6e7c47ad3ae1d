package aviary.evaluation.scoring;

import static aviary.evaluation.scoring.ByteScorer.CHOICES;
import static aviary.evaluation.scoring.ByteScorer.MODEL;
import static aviary.evaluation.scoring.ByteScorer.scorer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Response;
import aviary.model.ModelConfig;
import aviary.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How little is run: what texts begin with once, and nothing for what is known. */
class SharedPrefixTest {
  @Test
  void whatTextsBeginWithIsRunOnce() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0);
        Scorer plain = scorer(engine, 4, false, 0)) {
      scorer.answer(CHOICES);
      // The last token of each text is only expected, and all bytes are tokens. In a tree:
      // "The cat sat on a ma", from there "t and slep", " the floo" behind "on", "The dog barke"
      // less "The ", "  \nra" behind "The dog", and "The do" behind token 0.
      int tokens =
          "The cat sat on a ma".length()
              + "t and slep".length()
              + "the floo".length()
              + "dog barke".length()
              + " \nra".length()
              + 1
              + "The do".length();
      assertEquals(tokens, scorer.tokens());
      plain.answer(CHOICES);
      int all =
          CHOICES.stream()
              .map(Loglikelihood.class::cast)
              .mapToInt(request ->
                  Math.max(1, request.context().length()) + request.continuation().length() - 1)
              .sum();
      assertEquals(all, plain.tokens());
    }
  }

  @Test
  void choicesOfOneTokenCostNothing() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0)) {
      scorer.answer(
          List.of(
              new Loglikelihood("Answer:", "A"),
              new Loglikelihood("Answer:", "B"),
              new Loglikelihood("Answer:", "C")));
      assertEquals("Answer:".length(), scorer.tokens());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, true", "64, true", "1, false", "3, false"})
  void whereAnswersAreKnownTheBatchesOfTheOthersAreRunAsTheyWere(int batch, boolean share) {
    try (Recording engine = new Recording(ReferenceBackend.engine(MODEL), new ArrayList<>());
        Scorer scorer = scorer(engine, batch, share, 0)) {
      List<Response> whole = scorer.answer(CHOICES);
      List<String> batches = List.copyOf(engine.batches);
      for (int set = 1; set < 1 << CHOICES.size(); set += 3) {
        BitSet known = BitSet.valueOf(new long[] {set});
        List<Response> answers = new ArrayList<>(whole);
        IntStream.range(0, answers.size())
            .filter(i -> !known.get(i))
            .forEach(i -> answers.set(i, null));
        engine.batches.clear();
        BitSet told = new BitSet();
        assertEquals(whole, scorer.answer(scorer.encode(CHOICES), answers, (i, _) -> told.set(i)));
        known.flip(0, CHOICES.size());
        assertEquals(known, told);
        // Some of the batches, in their order.
        Iterator<String> all = batches.iterator();
        for (String run : engine.batches) {
          boolean found = false;
          while (!found) {
            found = all.next().equals(run);
          }
        }
      }
      engine.batches.clear();
      scorer.answer(scorer.encode(CHOICES), whole, Scorer.ResponseListener.NOBODY);
      assertEquals(List.of(), engine.batches);
    }
  }

  /** Runs batches, and remembers their tokens. */
  private record Recording(Engine engine, List<String> batches) implements Engine {
    @Override
    public ModelConfig config() {
      return engine.config();
    }

    @Override
    public String device() {
      return engine.device();
    }

    @Override
    public State newState() {
      return engine.newState();
    }

    @Override
    public State newState(StateData data) {
      return engine.newState(data);
    }

    @Override
    public Logits forward(Batch batch) {
      batches.add(
          batch.sequences().stream()
              .map(sequence -> Arrays.toString(sequence.tokens()))
              .collect(Collectors.joining(" ")));
      return engine.forward(batch);
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
