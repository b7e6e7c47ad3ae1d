package aviary.evaluation.task;

import java.util.List;

/**
 * What is to be run.
 *
 * @param tasks each once, in the order in which they run
 * @param groups whose scores are told too; those within others come first
 */
public record Selection(List<TaskConfig> tasks, List<GroupConfig> groups) {

  /** Copies the lists. */
  public Selection {
    tasks = List.copyOf(tasks);
    groups = List.copyOf(groups);
  }
}
