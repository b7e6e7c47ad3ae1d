package aviary.evaluation.task;

import java.util.Map;

/**
 * A metric of a task.
 *
 * @param name such as {@code acc_norm}
 * @param aggregation what makes one number of those of all documents, such as {@code mean}
 * @param higherIsBetter whether a larger number is better
 * @param options of the metric, such as {@code ignore_case}
 */
public record MetricConfig(
    String name, String aggregation, boolean higherIsBetter, Map<String, Object> options) {

  /** Copies the options. */
  public MetricConfig {
    options = Map.copyOf(options);
  }
}
