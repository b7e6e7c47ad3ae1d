package aviary.evaluation.output;

import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The table of a result file, which may be one that lm-evaluation-harness has written. */
public final class ResultTable {
  private static final String NOT_AVAILABLE = "    N/A";
  private static final String NOT_AVAILABLE_ERROR = "   N/A";

  private final Map<String, Object> file;
  private final Map<String, ?> scores;
  private final Map<String, Integer> depths = new HashMap<>();
  private final List<String> order = new ArrayList<>();

  private ResultTable(Map<String, Object> file, String column) {
    this.file = file;
    scores = map(file.get(column));
  }

  /**
   * Makes the table.
   *
   * @param file the fields of a result file
   * @param column {@code results} or {@code groups}
   */
  public static String of(Map<String, Object> file, String column) {
    ResultTable table = new ResultTable(file, column);
    table.findOrder();
    List<List<String>> rows = new ArrayList<>();
    table.order.forEach(name -> table.addRows(name, rows));
    return MarkdownTable.of(
        List.of(
            column.equals("groups") ? "Groups" : "Tasks",
            "Version",
            "Filter",
            "n-shot",
            "Metric",
            "",
            "Value",
            "",
            "Stderr"),
        rows);
  }

  /** Groups with their members below them, then what is in no group. */
  private void findOrder() {
    Map<String, ?> groups = map(file.get("group_subtasks"));
    Set<Object> members = new HashSet<>();
    groups.values().forEach(its -> members.addAll((List<?>) its));
    for (String group : new TreeSet<>(groups.keySet())) {
      if (!members.contains(group)) {
        visit(group, 0, groups);
      }
    }
    for (String name : new TreeSet<>(scores.keySet())) {
      if (!depths.containsKey(name)) {
        order.add(name);
      }
    }
  }

  private void visit(String name, int depth, Map<String, ?> groups) {
    depths.put(name, depth);
    if (scores.containsKey(name)) {
      order.add(name);
    }
    if (groups.get(name) instanceof List<?> members) {
      Set<String> sorted = new TreeSet<>();
      members.forEach(member -> sorted.add((String) member));
      sorted.forEach(member -> visit(member, depth + 1, groups));
    }
  }

  private void addRows(String name, List<List<String>> rows) {
    Map<String, ?> its = map(scores.get(name));
    int depth = depths.getOrDefault(name, 0);
    String alias = its.get("alias") == null ? name : its.get("alias").toString();
    String shown = depth == 0 ? alias : " ".repeat(depth) + "- " + alias;
    Object known = map(file.get("versions")).get(name);
    String version = known == null ? NOT_AVAILABLE : PythonRepr.str(known);
    Object shots = map(file.get("n-shot")).get(name);
    Map<String, ?> higher = map(map(file.get("higher_is_better")).get(name));
    for (String key : new TreeSet<>(its.keySet())) {
      int comma = key.indexOf(',');
      String metric = comma < 0 ? key : key.substring(0, comma);
      if (comma < 0 || metric.endsWith("_stderr")) {
        continue;
      }
      String filter = key.substring(comma + 1);
      Object error = its.get(metric + "_stderr," + filter);
      rows.add(
          List.of(
              shown,
              version,
              filter,
              shots == null ? " " : PythonRepr.str(shots),
              metric,
              arrow(higher.get(metric)),
              number(its.get(key)),
              error == null ? "" : "±",
              error == null ? "" : error instanceof String ? NOT_AVAILABLE_ERROR : number(error)));
      shown = "";
      version = "";
    }
  }

  private static String arrow(Object higherIsBetter) {
    return higherIsBetter instanceof Boolean higher ? (higher ? "↑" : "↓") : "";
  }

  private static String number(Object value) {
    return value instanceof Double d ? ShownNumber.of(d) : PythonRepr.str(value);
  }

  @SuppressWarnings("unchecked") // Objects of result files have texts as keys.
  private static Map<String, Object> map(Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }
}
