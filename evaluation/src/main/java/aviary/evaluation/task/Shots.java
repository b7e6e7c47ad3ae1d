package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.data.DocumentStore;
import aviary.evaluation.random.PythonRandom;
import aviary.evaluation.template.PythonOrder;
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
    return config.fewshot().sampler().equals("first_n") ? first(document) : drawn(document);
  }

  private List<Map<String, Object>> first(Map<String, Object> document) throws IOException {
    List<Map<String, Object>> shots = new ArrayList<>();
    for (int i = 0; i < pool.size() && shots.size() < count; i++) {
      add(shots, pool.get(i), document);
    }
    if (shots.size() < count) {
      throw tooFew(count);
    }
    return shots;
  }

  private List<Map<String, Object>> drawn(Map<String, Object> document) throws IOException {
    int wanted = config.leavesOutEvaluated() ? count + 1 : count;
    if (wanted > pool.size()) {
      throw tooFew(wanted);
    }
    List<Map<String, Object>> shots = new ArrayList<>();
    for (int position : random.sample(pool.size(), wanted)) {
      add(shots, pool.get(position), document);
    }
    return shots.size() == count ? shots : again(document);
  }

  /** Adds an example that is wanted yet, and is not the document where that is left out. */
  private void add(
      List<Map<String, Object>> shots, Map<String, Object> shot, Map<String, Object> document) {
    boolean leftOut = config.leavesOutEvaluated() && PythonOrder.equal(shot, document);
    if (shots.size() < count && !leftOut) {
      shots.add(shot);
    }
  }

  /** Where copies of the document left too few, from all but these. */
  private List<Map<String, Object>> again(Map<String, Object> document) throws IOException {
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < pool.size(); i++) {
      if (!PythonOrder.equal(pool.get(i), document)) {
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

  private InputException tooFew(int wanted) {
    String place =
        config.hasOwnExamples()
            ? "fewshot_config"
            : "the split %s of %s".formatted(config.fewshotSplit(), config.datasetPath());
    return new InputException(
        "--num-fewshot %d: %s has %d documents, and %d are needed for task %s"
            .formatted(count, place, pool.size(), wanted, config.name()));
  }
}
