package aviary.evaluation.output;

import aviary.evaluation.task.GroupConfig;
import aviary.evaluation.task.Inventory;
import aviary.evaluation.task.Inventory.Refused;
import aviary.evaluation.task.MetricConfig;
import aviary.evaluation.task.TaskConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Tables of the tasks and groups that there are. */
public final class TaskList {
  private static final int LONGEST_REASON = 100;

  private TaskList() {}

  /** The table of those that can run. */
  public static String of(Inventory inventory) {
    List<List<String>> tasks = new ArrayList<>();
    for (TaskConfig task : inventory.tasks()) {
      tasks.add(
          List.of(
              task.name(),
              task.made() == null ? task.datasetPath() : "(made as it runs)",
              task.datasetName() == null ? "" : task.datasetName(),
              task.made() == null ? task.evaluatedSplit() : "",
              task.metrics().stream().map(MetricConfig::name).collect(Collectors.joining(", "))));
    }
    List<List<String>> groups = new ArrayList<>();
    for (GroupConfig group : inventory.groups()) {
      groups.add(List.of(group.name(), String.join(", ", group.members())));
    }
    return MarkdownTable.of(List.of("Task", "Data set", "Configuration", "Split", "Metrics"), tasks)
        + "\n"
        + MarkdownTable.of(List.of("Group", "Members"), groups);
  }

  /** The table of why others cannot run here: the reasons, each with how many tasks it stops. */
  public static String refused(Inventory inventory) {
    List<Refused> all = new ArrayList<>(inventory.refused());
    inventory.unreadable().forEach(problem -> all.add(new Refused("", problem)));
    Map<String, List<Refused>> byReason =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    its -> shortened(its.reason()), TreeMap::new, Collectors.toList()));
    List<List<String>> rows =
        byReason.entrySet().stream()
            .sorted(
                Comparator.comparingInt(
                        (Map.Entry<String, List<Refused>> its) -> its.getValue().size())
                    .reversed())
            .map(its ->
                List.of(
                    Integer.toString(its.getValue().size()),
                    its.getKey(),
                    its.getValue().getFirst().name()))
            .toList();
    return MarkdownTable.of(List.of("Tasks", "What stops them first", "For example"), rows);
  }

  /** How much of the user's files can run here, in a line. */
  public static String summary(Inventory inventory) {
    int groups = inventory.refusedGroups().size();
    return "%d of %d tasks of --include can run here%s%s"
        .formatted(
            inventory.included(),
            inventory.included() + inventory.refusedIncluded(),
            groups == 0 ? "" : "; groups that need one of the others: %d".formatted(groups),
            inventory.refused().isEmpty() ? "" : " (why: aviary eval --tasks list-refused)");
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON
        ? reason
        : reason.substring(0, LONGEST_REASON - 3) + "...";
  }
}
