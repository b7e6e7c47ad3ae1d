package aviary.evaluation.output;

import aviary.evaluation.data.PythonJson;
import aviary.evaluation.metric.TaskScores.Score;
import aviary.evaluation.run.TaskResult;
import aviary.evaluation.task.GroupConfig;
import aviary.evaluation.task.MetricConfig;
import aviary.evaluation.task.Selection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All that came of a run, in the layout of lm-evaluation-harness's result file. */
public final class Results {
  /** The field with what ran it. */
  static final String VERSION = "aviary_version";

  /** The field with the accuracy of guessing, by task. */
  public static final String CHANCE = "chance_level";

  private static final String FILTER = ",none";
  private static final String NOT_AVAILABLE = "N/A";

  private final Map<String, Object> all = new LinkedHashMap<>();

  private Results() {}

  /**
   * Lays out the results of tasks and of the groups that they are in.
   *
   * @param results one a task of the selection, in its order
   */
  public static Results of(Selection selection, List<TaskResult> results) {
    Map<String, TaskResult> tasks = new LinkedHashMap<>();
    results.forEach(result -> tasks.put(result.task().name(), result));
    Map<String, GroupConfig> groups = new LinkedHashMap<>();
    selection.groups().forEach(group -> groups.put(group.name(), group));

    Map<String, Object> scores = new LinkedHashMap<>();
    results.forEach(result -> scores.put(result.task().name(), ofTask(result)));
    Map<String, Object> ofGroups = new LinkedHashMap<>();
    GroupScores groupScores = new GroupScores(tasks, groups);
    for (GroupConfig group : selection.groups()) {
      Map<String, Object> its = ofGroup(group, groupScores.of(group));
      scores.put(group.name(), its);
      if (!group.aggregates().isEmpty()) {
        ofGroups.put(group.name(), its);
      }
    }
    Results laidOut = new Results();
    laidOut.all.put("results", scores);
    if (!ofGroups.isEmpty()) {
      laidOut.all.put("groups", ofGroups);
    }
    Map<String, Object> members = new LinkedHashMap<>();
    selection.groups().forEach(group -> members.put(group.name(), group.members()));
    laidOut.all.put("group_subtasks", members);
    laidOut.addTasks(results, selection.groups());
    return laidOut;
  }

  private void addTasks(List<TaskResult> results, List<GroupConfig> groups) {
    Map<String, Object> configs = new TreeMap<>();
    Map<String, Object> versions = new TreeMap<>();
    Map<String, Object> shots = new TreeMap<>();
    Map<String, Object> higher = new TreeMap<>();
    Map<String, Object> samples = new LinkedHashMap<>();
    for (TaskResult result : results) {
      String name = result.task().name();
      Map<String, Object> config = new LinkedHashMap<>(result.task().fields());
      config.put("num_fewshot", (long) result.numFewshot());
      configs.put(name, config);
      versions.put(name, result.task().version());
      shots.put(name, (long) result.numFewshot());
      higher.put(name, higherIsBetter(result));
      Map<String, Object> counts = new LinkedHashMap<>();
      counts.put("original", (long) result.original());
      counts.put("effective", (long) result.effective());
      samples.put(name, counts);
    }
    for (GroupConfig group : groups) {
      versions.put(group.name(), group.version());
      inherit(group, shots, higher);
    }
    all.put("configs", configs);
    all.put("versions", versions);
    all.put("n-shot", shots);
    all.put("higher_is_better", higher);
    all.put("n-samples", samples);
  }

  /** What all members of a group have alike is the group's too. */
  private static void inherit(
      GroupConfig group, Map<String, Object> shots, Map<String, Object> higher) {
    Set<Object> counts = new HashSet<>();
    Map<String, Object> directions = new LinkedHashMap<>();
    for (String member : group.members()) {
      if (shots.containsKey(member)) {
        counts.add(shots.get(member));
      }
      if (higher.get(member) instanceof Map<?, ?> its) {
        its.forEach((metric, direction) -> {
          Object before = directions.putIfAbsent((String) metric, direction);
          if (before != null && !before.equals(direction)) {
            directions.put((String) metric, null);
          }
        });
      }
    }
    if (counts.size() == 1) {
      shots.put(group.name(), counts.iterator().next());
    }
    if (!directions.isEmpty()) {
      higher.put(group.name(), directions);
    }
  }

  private static Map<String, Object> higherIsBetter(TaskResult result) {
    Map<String, Object> directions = new LinkedHashMap<>();
    for (MetricConfig metric : result.task().metrics()) {
      directions.put(metric.name(), metric.higherIsBetter());
    }
    return directions;
  }

  private static Map<String, Object> ofTask(TaskResult result) {
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("name", result.task().name());
    scores.put("alias", result.task().alias());
    scores.put("sample_len", (long) result.effective());
    result.scores().forEach((metric, score) -> put(scores, metric, score));
    return scores;
  }

  private static Map<String, Object> ofGroup(GroupConfig group, GroupScores.Scores its) {
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("alias", group.alias());
    scores.put("name", group.name());
    if (group.aggregates().isEmpty()) {
      return scores;
    }
    scores.put("sample_len", (long) its.documents());
    its.scores().forEach((metric, score) -> put(scores, metric, score));
    Map<String, Object> counts = new LinkedHashMap<>();
    its.counts().forEach((metric, count) -> counts.put(metric + FILTER, (long) count));
    scores.put("sample_count", counts);
    return scores;
  }

  private static void put(Map<String, Object> scores, String metric, Score score) {
    scores.put(metric + FILTER, score.value());
    Object error =
        score.standardError().isPresent()
            ? (Object) score.standardError().getAsDouble()
            : NOT_AVAILABLE;
    scores.put(metric + "_stderr" + FILTER, error);
  }

  /** Adds a field of the file. */
  public void put(String name, Object value) {
    all.put(name, value);
  }

  /** The file's text. */
  public String json() {
    return PythonJson.indented(all) + "\n";
  }

  /** All fields, in the file's order. */
  public Map<String, Object> fields() {
    return all;
  }

  /** What the tables are of, in one line. */
  public String heading() {
    return RunHeading.of(all).orElseThrow();
  }

  /**
   * The tables that lm-evaluation-harness prints: of all tasks, and of groups if there are some.
   */
  public String tables() {
    List<String> tables = new ArrayList<>();
    tables.add(ResultTable.of(all, "results"));
    if (all.containsKey("groups")) {
      tables.add(ResultTable.of(all, "groups"));
    }
    return String.join("\n", tables);
  }
}
