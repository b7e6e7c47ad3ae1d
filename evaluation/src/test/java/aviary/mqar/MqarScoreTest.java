package aviary.mqar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.mqar.GreedyTokens.Question;
import aviary.mqar.MqarTask.Example;
import aviary.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MqarScoreTest {
  /** Half of the vocabulary is values, so that a model of random weights is right now and then. */
  private static final MqarTask TASK = new MqarTask(14, 12, 3, true);

  private static final int EXAMPLES = 41;

  private static final RandomModel MODEL = RandomModels.ofBytes();

  /** One example after the other, and all of its logits. */
  private static int[] slowly(Engine engine, Example example) {
    try (State state = engine.newState()) {
      Logits logits = engine.forward(Batch.of(Sequence.all(state, example.tokens())));
      int[] asked = example.asked();
      int[] best = new int[asked.length];
      for (int i = 0; i < asked.length; i++) {
        float[] row = logits.row(asked[i]);
        for (int token = 1; token < row.length; token++) {
          best[i] = row[token] > row[best[i]] ? token : best[i];
        }
      }
      return best;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64})
  void answersAreTheLargestLogits(int batch) {
    List<Question> questions = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    try (Engine engine = ReferenceBackend.engine(MODEL.model())) {
      List<int[]> expected = new ArrayList<>();
      for (int i = 0; i < EXAMPLES; i++) {
        Example example = TASK.example(2, i);
        questions.add(new Question(example.tokens(), example.asked()));
        expected.add(slowly(engine, example));
      }
      List<int[]> found = new GreedyTokens(engine, batch, tokens::add).of(questions);
      assertEquals(EXAMPLES, found.size());
      for (int i = 0; i < EXAMPLES; i++) {
        assertArrayEquals(expected.get(i), found.get(i), "example " + i);
      }
    }
    assertEquals((EXAMPLES + batch - 1) / batch, tokens.size());
    assertEquals(EXAMPLES * 12, tokens.stream().mapToInt(Integer::intValue).sum());
  }

  /**
   * An engine that says what rows it was asked for, and answers with the value of the last pair.
   */
  @Test
  void onlyLabelledPositionsAreAskedForAndNotTooManyAtOnce() {
    MqarTask task = new MqarTask(70_000, 512, 128, false);
    CountingEngine engine = new CountingEngine(70_000);
    MqarScore.of(engine, task, 1, 5, 64, (_, _) -> {});
    assertEquals(List.of(128, 128, 128, 128, 128), engine.wanted);
    engine.wanted.clear();
    MqarScore.of(engine, new MqarTask(70_000, 64, 4, false), 1, 100, 64, (_, _) -> {});
    // 64 MiB are 239 rows of 70,000 floats: 59 examples of 4 queries, the other 5, and 36.
    assertEquals(List.of(59 * 4, 5 * 4, 36 * 4), engine.wanted);
  }

  @Test
  void theScoreIsThatOfTheAnswers() {
    try (Engine engine = ReferenceBackend.engine(MODEL.model())) {
      double sum = 0;
      double squares = 0;
      int right = 0;
      for (int i = 0; i < EXAMPLES; i++) {
        Example example = TASK.example(2, i);
        int[] best = slowly(engine, example);
        int its = 0;
        for (int k = 0; k < best.length; k++) {
          its += best[k] == example.labels()[example.asked()[k]] ? 1 : 0;
        }
        right += its;
        sum += its / 3.0;
        squares += its / 3.0 * (its / 3.0);
      }
      List<Long> done = new ArrayList<>();
      MqarScore score = MqarScore.of(engine, TASK, 2, EXAMPLES, 20, (n, _) -> done.add(n));
      double mean = sum / EXAMPLES;
      double deviation = Math.sqrt((squares / EXAMPLES - mean * mean) * EXAMPLES / (EXAMPLES - 1));
      assertEquals(EXAMPLES, score.examples());
      assertEquals(EXAMPLES * 3, score.queries());
      assertEquals(right, score.right());
      assertEquals(mean, score.accuracy(), 1e-12);
      assertEquals(deviation / Math.sqrt(EXAMPLES), score.standardError(), 1e-12);
      assertEquals(List.of(20L, 40L, 41L), done);
    }
  }

  @Test
  void aModelWithTooFewTokensAndNoExamplesAreNamed() {
    try (Engine engine = ReferenceBackend.engine(MODEL.model())) {
      MqarTask task = new MqarTask(257, 12, 3, true);
      assertEquals(
          "the model has 256 tokens, and the task needs --vocab-size 257: take a smaller one, or a model that was trained on it",
          assertThrows(
                  InputException.class, () -> MqarScore.of(engine, task, 1, 1, 1, (_, _) -> {}))
              .getMessage());
      assertTrue(
          assertThrows(
                  InputException.class, () -> MqarScore.of(engine, TASK, 1, 0, 1, (_, _) -> {}))
              .getMessage()
              .startsWith("--examples 0, "));
    }
  }
}
