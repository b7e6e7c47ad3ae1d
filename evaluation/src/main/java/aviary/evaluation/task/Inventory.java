package aviary.evaluation.task;

import java.util.List;

/**
 * All tasks and groups that can be named, and those that cannot run here.
 *
 * @param tasks that can run, by name
 * @param groups all of whose tasks can run, by name
 * @param refused tasks that cannot, by name
 * @param refusedGroups groups with a task that cannot, or that are wrong themselves; by name
 * @param unreadable what is wrong with files of which not even a name is known
 * @param included how many of the tasks that can run come from the user's files
 * @param refusedIncluded how many of those that cannot do
 */
public record Inventory(
    List<TaskConfig> tasks,
    List<GroupConfig> groups,
    List<Refused> refused,
    List<Refused> refusedGroups,
    List<String> unreadable,
    int included,
    int refusedIncluded) {

  /** Copies the lists. */
  public Inventory {
    tasks = List.copyOf(tasks);
    groups = List.copyOf(groups);
    refused = List.copyOf(refused);
    refusedGroups = List.copyOf(refusedGroups);
    unreadable = List.copyOf(unreadable);
  }

  /**
   * What cannot run here.
   *
   * @param name the task's or group's
   * @param reason the first that was found, without the file's name
   */
  public record Refused(String name, String reason) {}
}
