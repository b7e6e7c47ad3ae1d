package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.data.DocumentStore;
import aviary.evaluation.random.PythonRandom;
import aviary.evaluation.template.PythonRepr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Chooses solved examples as lm-evaluation-harness does: one generator a task, asked once for each
 * document in their order. So they have to be asked for in that order, and for all documents.
 */
public final class Shots {

  /** lm-evaluation-harness's seed. */
  public static final long SEED = 1234;

  private final TaskConfig config;
  private final int count;
  private final DocumentStore pool;
  private final PythonRandom random;

  /**
   * @param config the task
   * @param count how many examples for each document
   * @param pool where they come from, prepared; null if {@code count} is 0
   * @param seed of the generator
   */
  public Shots(TaskConfig config, int count, DocumentStore pool, long seed) {
    this.config = config;
    this.count = count;
    this.pool = pool;
    random = new PythonRandom(seed);
  }

  /**
   * The examples for the next document.
   *
   * @param document the document
   * @throws InputException if there are too few
   */
  public List<Map<String, Object>> next(Map<String, Object> document) throws IOException {
    if (count == 0) {
      return List.of();
    }
    boolean leaveOut = config.leavesOutEvaluated();
    int[] drawn = draw(leaveOut ? count + 1 : count);
    List<Map<String, Object>> shots = new ArrayList<>();
    for (int position : drawn) {
      Map<String, Object> shot = pool.get(position);
      if (shots.size() < count && !(leaveOut && same(shot, document))) {
        shots.add(shot);
      }
    }
    return shots.size() == count ? shots : again(document);
  }

  private int[] draw(int wanted) {
    if (wanted > pool.size()) {
      throw tooFew(wanted);
    }
    if (config.fewshot().sampler().equals("first_n")) {
      int[] first = new int[wanted];
      for (int i = 0; i < wanted; i++) {
        first[i] = i;
      }
      return first;
    }
    return random.sample(pool.size(), wanted);
  }

  /** Where copies of the document left too few, from all but these. */
  private List<Map<String, Object>> again(Map<String, Object> document) throws IOException {
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < pool.size(); i++) {
      if (!same(pool.get(i), document)) {
        others.add(i);
      }
    }
    if (others.size() < count) {
      throw tooFew(count);
    }
    List<Map<String, Object>> shots = new ArrayList<>();
    for (int position : random.sample(others.size(), count)) {
      shots.add(pool.get(others.get(position)));
    }
    return shots;
  }

  private static boolean same(Map<String, Object> a, Map<String, Object> b) {
    return a.equals(b) || PythonRepr.repr(a).equals(PythonRepr.repr(b));
  }

  private InputException tooFew(int wanted) {
    return new InputException(
        "--num-fewshot %d: the split %s of %s has %d documents, and %d are needed for task %s"
            .formatted(
                count,
                config.fewshotSplit(),
                config.datasetPath(),
                pool.size(),
                wanted,
                config.name()));
  }
}
