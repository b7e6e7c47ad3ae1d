package aviary.evaluation.scoring;

import static aviary.agreement.Refusal.refused;
import static aviary.evaluation.scoring.ByteScorer.CHOICES;
import static aviary.evaluation.scoring.ByteScorer.MODEL;
import static aviary.evaluation.scoring.ByteScorer.scorer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Request.Rolling;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.Response.Likelihood;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the reference, which computes every sequence in doubles and by itself. */
class ScorerTest {
  /** The sum and whether all tokens were the most likely, one token after the other. */
  private static Likelihood slowly(String before, String after) {
    byte[] context = before.getBytes(StandardCharsets.UTF_8);
    byte[] continuation = after.getBytes(StandardCharsets.UTF_8);
    double sum = 0;
    boolean greedy = true;
    try (Engine engine = ReferenceBackend.engine(MODEL);
        State state = engine.newState()) {
      int[] prompt = new ByteTokenizer().encode(context);
      Logits logits =
          engine.forward(
              Batch.of(Batch.Sequence.last(state, prompt.length == 0 ? new int[] {0} : prompt)));
      for (byte next : continuation) {
        float[] row = logits.row(0);
        double total = 0;
        for (float logit : row) {
          total += Math.exp(logit);
        }
        int token = next & 0xff;
        sum += row[token] - Math.log(total);
        greedy &= logits.argmax(0) == token;
        logits = engine.forward(Batch.of(Batch.Sequence.last(state, token)));
      }
    }
    return new Likelihood(sum, greedy);
  }

  private static void assertLike(Likelihood expected, Response found, String name) {
    Likelihood likelihood = (Likelihood) found;
    // The same logits, rounded to floats, summed in another order.
    assertEquals(expected.logProbability(), likelihood.logProbability(), 1e-9, name);
    assertEquals(expected.greedy(), likelihood.greedy(), name);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, true", "64, true", "1, false", "64, false"})
  void sumsAreThoseOfTokenAfterToken(int batch, boolean share) {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, batch, share, 0)) {
      List<Response> responses = scorer.answer(CHOICES);
      assertEquals(CHOICES.size(), responses.size());
      for (int i = 0; i < CHOICES.size(); i++) {
        Loglikelihood request = (Loglikelihood) CHOICES.get(i);
        String context = request.context().stripTrailing();
        String moved = request.context().substring(context.length());
        assertLike(
            slowly(context, moved + request.continuation()), responses.get(i), request.toString());
      }
    }
  }

  @Test
  void aWholeTextIsScoredFromTheTokenBetweenTexts() {
    String text = "It was late, and nobody spoke.";
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0)) {
      Response.Rolling rolling =
          (Response.Rolling) scorer.answer(List.of(new Rolling(text), new Rolling(""))).getFirst();
      assertEquals(slowly("", text).logProbability(), rolling.logProbability(), 1e-9);
      assertEquals(text.length(), scorer.tokens());
    }
  }

  @Test
  void windowsShowTheModelNoMoreThanTheyMay() {
    String text = "abcdefghijk";
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 4)) {
      double sum =
          slowly("", "abcd").logProbability()
              + slowly("d", "efgh").logProbability()
              // The last window has three tokens to predict, and as many in all as the others.
              + slowly("gh", "ijk").logProbability();
      Response.Rolling rolling =
          (Response.Rolling) scorer.answer(List.of(new Rolling(text))).getFirst();
      assertEquals(sum, rolling.logProbability(), 1e-9);
      assertLike(
          slowly("fgh", "ij"),
          scorer.answer(List.of(new Loglikelihood("abcdefgh", "ij"))).getFirst(),
          "the last five tokens");
      InputException e =
          assertThrows(
              InputException.class, () -> scorer.answer(List.of(new Loglikelihood("a", "bcdefg"))));
      assertTrue(e.getMessage().startsWith("--max-length 4"), e.getMessage());
    }
  }

  @Test
  void nothingToScoreIsRefused() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 2, true, 0)) {
      InputException e =
          assertThrows(
              InputException.class, () -> scorer.encode(List.of(new Loglikelihood("a", ""))));
      assertTrue(e.getMessage().startsWith("there is nothing to score"), e.getMessage());
    }
    assertThrows(InputException.class, () -> new ScoringOptions(0, true, 0));
    assertThrows(InputException.class, () -> new ScoringOptions(1, true, -1));
  }

  @Test
  void callsFromItsListenerAndAfterItWasClosedAreRefused() {
    try (Engine engine = ReferenceBackend.engine(MODEL)) {
      Scorer scorer = scorer(engine, 4, true, 0);
      List<Response> none = Collections.nCopies(CHOICES.size(), null);
      List<Response> expected = scorer.answer(CHOICES);
      Scorer.ResponseListener listener =
          (_, _) -> {
            refused("the scorer is in use", () -> scorer.answer(CHOICES));
            refused("the scorer is in use", scorer::close);
          };
      assertEquals(expected, scorer.answer(scorer.encode(CHOICES), none, listener));
      Scorer.ResponseListener full =
          (_, _) -> {
            throw new IllegalStateException("full");
          };
      refused("full", () -> scorer.answer(scorer.encode(CHOICES), none, full));
      assertEquals(expected, scorer.answer(CHOICES));
      scorer.close();
      refused("the scorer is closed", () -> scorer.answer(CHOICES));
    }
  }
}
