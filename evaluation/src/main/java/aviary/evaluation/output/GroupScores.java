package aviary.evaluation.output;

import aviary.evaluation.metric.StandardErrors;
import aviary.evaluation.metric.TaskScores.Score;
import aviary.evaluation.run.TaskResult;
import aviary.evaluation.task.GroupConfig;
import aviary.evaluation.task.GroupConfig.Aggregate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Scores of groups: means over the tasks below them. */
final class GroupScores {

  /**
   * A group's scores.
   *
   * @param documents of all tasks below it
   * @param scores by metric
   * @param counts by metric, of how many documents it is
   */
  record Scores(int documents, Map<String, Score> scores, Map<String, Integer> counts) {}

  private final Map<String, TaskResult> tasks;
  private final Map<String, GroupConfig> groups;

  GroupScores(Map<String, TaskResult> tasks, Map<String, GroupConfig> groups) {
    this.tasks = tasks;
    this.groups = groups;
  }

  Scores of(GroupConfig group) {
    List<TaskResult> below = new ArrayList<>();
    collect(group, below);
    Map<String, Score> scores = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Aggregate aggregate : group.aggregates()) {
      List<TaskResult> with =
          below.stream().filter(task -> task.scores().containsKey(aggregate.metric())).toList();
      if (!with.isEmpty()) {
        scores.put(aggregate.metric(), score(aggregate, with));
        counts.put(aggregate.metric(), with.stream().mapToInt(TaskResult::effective).sum());
      }
    }
    return new Scores(below.stream().mapToInt(TaskResult::effective).sum(), scores, counts);
  }

  private void collect(GroupConfig group, List<TaskResult> below) {
    for (String member : group.members()) {
      if (groups.containsKey(member)) {
        collect(groups.get(member), below);
      } else {
        below.add(tasks.get(member));
      }
    }
  }

  private static Score score(Aggregate aggregate, List<TaskResult> tasks) {
    double sum = 0;
    double weights = 0;
    List<Double> errors = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (TaskResult task : tasks) {
      Score score = task.scores().get(aggregate.metric());
      double weight = aggregate.weightBySize() ? task.effective() : 1;
      sum += score.value() * weight;
      weights += weight;
      score.standardError().ifPresent(errors::add);
      sizes.add(task.effective());
    }
    OptionalDouble error =
        errors.size() < tasks.size()
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                aggregate.weightBySize()
                    ? StandardErrors.pooled(errors, sizes)
                    : StandardErrors.ofMean(errors));
    return new Score(sum / weights, error);
  }
}
