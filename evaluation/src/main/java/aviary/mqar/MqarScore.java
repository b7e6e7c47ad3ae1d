package aviary.mqar;

import aviary.InputException;
import aviary.engine.Engine;
import aviary.mqar.GreedyTokens.Question;
import aviary.mqar.MqarTask.Example;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a model recalls.
 *
 * @param examples how many it was asked
 * @param queries how many labels these had
 * @param right at how many the largest logit was the label's
 * @param squares the sum over examples of the squared share that was right
 */
public record MqarScore(long examples, long queries, long right, double squares) {

  /** Is told how far it is. */
  public interface Progress {
    /**
     * Some examples have been answered.
     *
     * @param examples how many in all
     * @param tokens how many have been run in all
     */
    void done(long examples, long tokens);
  }

  /** The share of queries that were answered right. */
  public double accuracy() {
    return (double) right / queries;
  }

  /**
   * The accuracy's standard error: the standard deviation of examples by the root of their number,
   * as queries of an example are not independent. 0 for a single one.
   */
  public double standardError() {
    if (examples < 2) {
      return 0;
    }
    double variance = (squares - examples * accuracy() * accuracy()) / (examples - 1);
    return Math.sqrt(Math.max(0, variance) / examples);
  }

  /**
   * Checks what {@link #of} is asked for.
   *
   * @param vocabulary how many tokens the model has
   * @throws InputException if that is too few for the task, or there is nothing to run
   */
  public static void require(int vocabulary, MqarTask task, int examples, int batchSize) {
    if (examples < 1 || batchSize < 1) {
      throw new InputException(
          "--examples %d, --batch-size %d: both have to be 1 or more"
              .formatted(examples, batchSize));
    }
    if (vocabulary < task.vocabulary()) {
      throw new InputException(
          "the model has %d tokens, and the task needs --vocab-size %d: take a smaller one, or a model that was trained on it"
              .formatted(vocabulary, task.vocabulary()));
    }
  }

  /**
   * Asks a model.
   *
   * @param seed of the examples, of which it gets the first
   * @param batchSize how many examples run side by side
   * @throws InputException if the model has too few tokens for the task
   */
  public static MqarScore of(
      Engine engine, MqarTask task, long seed, int examples, int batchSize, Progress progress) {
    require(engine.config().vocabulary(), task, examples, batchSize);
    GreedyTokens model = new GreedyTokens(engine, batchSize, _ -> {});
    MqarScore score = new MqarScore(0, 0, 0, 0);
    while (score.examples < examples) {
      long count = Math.min(batchSize, examples - score.examples);
      List<Example> some = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        some.add(task.example(seed, score.examples + i));
      }
      List<Question> questions =
          some.stream().map(its -> new Question(its.tokens(), its.asked())).toList();
      List<int[]> answers = model.of(questions);
      for (int i = 0; i < count; i++) {
        score = score.plus(some.get(i), answers.get(i));
      }
      progress.done(score.examples, score.examples * task.length());
    }
    return score;
  }

  private MqarScore plus(Example example, int[] answers) {
    int[] asked = example.asked();
    int its = 0;
    for (int i = 0; i < asked.length; i++) {
      its += answers[i] == example.labels()[asked[i]] ? 1 : 0;
    }
    double share = (double) its / asked.length;
    return new MqarScore(
        examples + 1, queries + asked.length, right + its, squares + share * share);
  }
}
