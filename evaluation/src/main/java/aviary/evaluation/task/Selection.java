package aviary.evaluation.task;

import java.util.List;

/**
 * What is to be run.
 *
 * @param tasks each once, in the order in which they run
 * @param groups whose scores are told too; those within others come first
 */
public record Selection(List<TaskConfig> tasks, List<GroupConfig> groups) {

  /** Whether a task reads a data set. */
  public boolean readsData() {
    return tasks.stream().anyMatch(task -> task.made() == null);
  }

  /** Whether a task has texts, so that the model needs a tokenizer. */
  public boolean readsTexts() {
    return tasks.stream().anyMatch(task -> task.outputType() != OutputType.LABELLED_TOKENS);
  }

  /** Copies the lists. */
  public Selection {
    tasks = List.copyOf(tasks);
    groups = List.copyOf(groups);
  }
}
