package aviary.evaluation.output;

import aviary.evaluation.task.GroupConfig;
import aviary.evaluation.task.MetricConfig;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table of the tasks and groups that there are. */
public final class TaskList {
  private TaskList() {}

  /** The table. */
  public static String of(TaskLibrary library) {
    List<List<String>> tasks = new ArrayList<>();
    for (TaskConfig task : library.tasks()) {
      tasks.add(
          List.of(
              task.name(),
              task.made() == null ? task.datasetPath() : "(made as it runs)",
              task.datasetName() == null ? "" : task.datasetName(),
              task.made() == null ? task.evaluatedSplit() : "",
              task.metrics().stream().map(MetricConfig::name).collect(Collectors.joining(", "))));
    }
    List<List<String>> groups = new ArrayList<>();
    for (GroupConfig group : library.groups()) {
      groups.add(List.of(group.name(), String.join(", ", group.members())));
    }
    return MarkdownTable.of(List.of("Task", "Data set", "Configuration", "Split", "Metrics"), tasks)
        + "\n"
        + MarkdownTable.of(List.of("Group", "Members"), groups);
  }
}
