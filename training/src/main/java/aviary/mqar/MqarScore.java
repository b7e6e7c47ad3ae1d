package aviary.mqar;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.mqar.MqarTask.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * How well a model recalls.
 *
 * @param examples how many it was asked
 * @param queries how many labels these had
 * @param right at how many the greatest logit was the label's
 * @param whole in how many examples all were right
 */
public record MqarScore(long examples, long queries, long right, long whole) {

  /** The share of queries that were answered right. */
  public double accuracy() {
    return (double) right / queries;
  }

  /** The standard error of the accuracy, of so many independent queries. */
  public double standardError() {
    double p = accuracy();
    return queries > 1 ? Math.sqrt(p * (1 - p) / (queries - 1)) : 0;
  }

  /**
   * Asks a model.
   *
   * @param seed of the examples, of which it gets the first
   * @param batch how many examples run side by side
   * @param progress hears how many examples are done
   * @throws InputException if the model has too few tokens for the task
   */
  public static MqarScore of(
      Engine engine, MqarTask task, long seed, int examples, int batch, LongConsumer progress) {
    if (examples < 1 || batch < 1) {
      throw new InputException(
          "--examples %d, --batch-size %d: both have to be 1 or more".formatted(examples, batch));
    }
    int vocabulary = engine.config().vocabulary();
    if (vocabulary < task.vocabulary()) {
      throw new InputException(
          "the model has %d tokens, and the task needs --vocab-size %d: take a smaller one, or a model that was trained on it"
              .formatted(vocabulary, task.vocabulary()));
    }
    MqarScore score = new MqarScore(0, 0, 0, 0);
    for (int first = 0; first < examples; first += batch) {
      int count = Math.min(batch, examples - first);
      List<Example> some = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        some.add(task.example(seed, first + i));
      }
      score = score.plus(ask(engine, some));
      progress.accept(score.examples);
    }
    return score;
  }

  private static MqarScore ask(Engine engine, List<Example> examples) {
    List<Sequence> sequences = new ArrayList<>();
    List<State> states = new ArrayList<>();
    List<int[]> positions = new ArrayList<>();
    for (Example example : examples) {
      int[] asked =
          IntStream.range(0, example.tokens().length)
              .filter(t -> example.labels()[t] >= 0)
              .toArray();
      State state = engine.newState();
      states.add(state);
      positions.add(asked);
      sequences.add(new Sequence(state, example.tokens(), asked));
    }
    Logits logits = engine.forward(new Batch(sequences));
    long queries = 0;
    long right = 0;
    long whole = 0;
    for (int i = 0; i < examples.size(); i++) {
      long its = 0;
      for (int position : positions.get(i)) {
        its += logits.argmax((int) queries++) == examples.get(i).labels()[position] ? 1 : 0;
      }
      right += its;
      whole += its == positions.get(i).length ? 1 : 0;
    }
    states.forEach(State::close);
    return new MqarScore(examples.size(), queries, right, whole);
  }

  private MqarScore plus(MqarScore other) {
    return new MqarScore(
        examples + other.examples,
        queries + other.queries,
        right + other.right,
        whole + other.whole);
  }
}
