package aviary.evaluation.task;

import java.util.List;

/**
 * Several tasks under one name, and the scores that they have together.
 *
 * @param name the name
 * @param alias what tables call it
 * @param members names of tasks or groups; of a tag those of its tasks
 * @param aggregates the scores of the whole
 * @param version as a text; {@code N/A} where the file has none
 */
public record GroupConfig(
    String name, String alias, List<String> members, List<Aggregate> aggregates, String version) {

  /** Copies the lists. */
  public GroupConfig {
    members = List.copyOf(members);
    aggregates = List.copyOf(aggregates);
  }

  /**
   * A mean over the tasks below a group.
   *
   * @param metric of which
   * @param weightBySize whether a task counts by its documents, or all tasks alike
   */
  public record Aggregate(String metric, boolean weightBySize) {
    /** What lm-evaluation-harness calls answers that no filter has changed. */
    static final String FILTER = "none";
  }
}
