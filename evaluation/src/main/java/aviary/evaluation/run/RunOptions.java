package aviary.evaluation.run;

import aviary.InputException;
import aviary.evaluation.task.Shots;

/**
 * How tasks are run.
 *
 * @param numFewshot how many solved examples stand before each document; null for what the task
 *     says
 * @param fewshotSeed of their choice
 * @param limit how many of a task's documents are run at most, or if below 1 which part of them;
 *     null for all
 * @param bootstrapIterations of standard errors that are drawn; 0 for no standard errors
 * @param window how many documents are laid out in batches together
 */
public record RunOptions(
    Integer numFewshot, long fewshotSeed, Double limit, int bootstrapIterations, int window) {

  /** lm-evaluation-harness's bootstrap. */
  public static final int BOOTSTRAP_ITERATIONS = 100_000;

  /** All documents, with as many examples as the task says. */
  public static final RunOptions DEFAULT =
      new RunOptions(null, Shots.SEED, null, BOOTSTRAP_ITERATIONS, 256);

  /**
   * Checks the numbers.
   *
   * @throws InputException as the command line names them
   */
  public RunOptions {
    if (numFewshot != null && numFewshot < 0) {
      throw new InputException("--num-fewshot %d: it has to be at least 0".formatted(numFewshot));
    }
    if (limit != null && !(limit > 0)) {
      throw new InputException(
          "--limit %s: it has to be more than 0: a number of documents, or below 1 a part of them"
              .formatted(shown(limit)));
    }
    if (bootstrapIterations < 0) {
      throw new InputException(
          "--bootstrap-iters %d: it has to be at least 0".formatted(bootstrapIterations));
    }
    if (fewshotSeed < 0 || fewshotSeed > 0xffffffffL) {
      throw new InputException(
          "--seed %d: it has to be from 0 to 4294967295".formatted(fewshotSeed));
    }
  }

  /** How many of a task's documents are run. */
  int limited(int documents) {
    if (limit == null) {
      return documents;
    }
    double most = limit < 1 ? Math.ceil(documents * limit) : Math.floor(limit);
    return (int) Math.min(documents, most);
  }

  private static String shown(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
