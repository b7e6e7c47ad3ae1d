package aviary.evaluation.metric;

import aviary.evaluation.task.MetricConfig;
import aviary.evaluation.task.TaskConfig;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Gathers the scores of a task's documents. */
public final class TaskScores {

  /**
   * A metric over all documents.
   *
   * @param value the number
   * @param standardError nothing where lm-evaluation-harness has none
   */
  public record Score(double value, OptionalDouble standardError) {}

  private final TaskConfig task;
  private final Map<String, MetricValues> values = new LinkedHashMap<>();
  private int size;

  /** Scores of no document. */
  public TaskScores(TaskConfig task) {
    this.task = task;
  }

  /** Adds a document's scores. */
  public void add(Map<String, Object> scores) {
    scores.forEach(
        (metric, score) -> values.computeIfAbsent(metric, _ -> new MetricValues()).add(score));
    size++;
  }

  /** How many documents there are. */
  public int size() {
    return size;
  }

  /**
   * The task's metrics, in the order of the documents' scores.
   *
   * @param bootstrapIterations 0 for no standard errors
   */
  public Map<String, Score> scores(int bootstrapIterations) {
    Map<String, Score> scores = new LinkedHashMap<>();
    values.forEach((name, its) -> {
      Aggregation aggregation = aggregation(name);
      scores.put(
          name,
          new Score(aggregation.of(its), StandardErrors.of(aggregation, its, bootstrapIterations)));
    });
    return scores;
  }

  private Aggregation aggregation(String metric) {
    return task.metrics().stream()
        .filter(config -> config.name().equals(metric))
        .map(MetricConfig::aggregation)
        .map(name -> Aggregation.valueOf(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElse(Aggregation.MEAN);
  }
}
