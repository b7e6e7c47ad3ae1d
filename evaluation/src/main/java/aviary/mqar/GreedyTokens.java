package aviary.mqar;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What a model expects most behind positions of sequences that are asked about. Logits of other
 * positions are not computed.
 *
 * @param engine the model
 * @param batchSize how many sequences run side by side, at most
 * @param tokensDone is told after each batch how many tokens it had
 */
public record GreedyTokens(Engine engine, int batchSize, IntConsumer tokensDone) {

  /** How much memory the logits of a batch may take, where it has more than one sequence. */
  private static final long MOST_LOGITS_BYTES = 64L << 20;

  /**
   * A sequence and what is asked about it.
   *
   * @param tokens [T]
   * @param asked positions of {@code tokens}, ascending
   */
  public record Question(int[] tokens, int[] asked) {}

  /**
   * Runs sequences from their beginnings.
   *
   * @return for each question the token with the largest logit behind each asked position, the
   *     first on a tie
   * @throws aviary.InputException if a token is not in the model's vocabulary
   */
  public List<int[]> of(List<Question> questions) {
    int[][] answers = new int[questions.size()][];
    run(questions, new BitSet(), (question, tokens) -> answers[question] = tokens);
    return List.of(answers);
  }

  /** Takes answers as they come. */
  public interface AnswerListener {
    /**
     * @param question its position
     * @param tokens the token with the largest logit behind each asked position
     */
    void answer(int question, int[] tokens);
  }

  /**
   * As {@link #of}, for those that have not been answered.
   *
   * @param known positions of those that have; where they stand in a batch with others they run too
   * @param answers is told after each batch
   */
  public void run(List<Question> questions, BitSet known, AnswerListener answers) {
    for (int from = 0; from < questions.size(); ) {
      List<Question> batch = nextBatch(questions.subList(from, questions.size()));
      if (known.nextClearBit(from) < from + batch.size()) {
        List<int[]> tokens = run(batch);
        for (int i = 0; i < batch.size(); i++) {
          answers.answer(from + i, tokens.get(i));
        }
      }
      from += batch.size();
    }
  }

  private List<Question> nextBatch(List<Question> left) {
    long rows = MOST_LOGITS_BYTES / (Float.BYTES * engine.config().vocabulary());
    int size = 0;
    while (size < Math.min(batchSize, left.size())) {
      rows -= left.get(size).asked.length;
      if (size > 0 && rows < 0) {
        break;
      }
      size++;
    }
    return left.subList(0, size);
  }

  private List<int[]> run(List<Question> batch) {
    List<State> states = new ArrayList<>();
    try {
      List<Sequence> sequences = new ArrayList<>();
      int tokens = 0;
      for (Question question : batch) {
        states.add(engine.newState());
        sequences.add(new Sequence(states.getLast(), question.tokens, question.asked));
        tokens += question.tokens.length;
      }
      Logits logits = engine.forward(new Batch(sequences));
      tokensDone.accept(tokens);
      List<int[]> answers = new ArrayList<>();
      int row = 0;
      for (Question question : batch) {
        int[] most = new int[question.asked.length];
        for (int i = 0; i < most.length; i++) {
          most[i] = logits.argmax(row++);
        }
        answers.add(most);
      }
      return answers;
    } finally {
      states.forEach(State::close);
    }
  }
}
