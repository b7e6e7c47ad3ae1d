package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.task.GroupConfig.Aggregate;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks what the file of a group says of the group itself; its members are found elsewhere. */
final class GroupReader {
  /** All other fields are for the tasks below the group. */
  private static final Set<String> OWN =
      Set.of("group", "group_alias", "task", "aggregate_metric_list", "metadata");

  private GroupReader() {}

  /** Whether a file is one of a group, and not of a task in Python that says which it is in. */
  static boolean isGroup(Fields fields) {
    return fields.has("group") && !fields.has("class");
  }

  /** The fields that a group has for the tasks below it, in place of their own. */
  static Map<String, Object> forTasks(Fields fields) {
    Map<String, Object> others = new LinkedHashMap<>(fields.values());
    others.keySet().removeAll(OWN);
    others.remove("tag");
    return others;
  }

  /**
   * The members as they are written: names, and mappings with fields for one.
   *
   * @throws InputException if there are none, or other things
   */
  static List<?> members(Fields fields) {
    List<?> members =
        switch (fields.values().get("task")) {
          case String name -> List.of(name);
          case List<?> list -> list;
          case null -> List.of();
          default -> throw fields.wanted("task", "a list of names and of mappings");
        };
    if (members.isEmpty()) {
      throw new InputException(
          "%s: the group %s has no task".formatted(fields.place(), fields.string("group", "")));
    }
    return members;
  }

  /**
   * Makes a group.
   *
   * @param name the group's
   * @param members names of its tasks and groups
   * @throws InputException if a field has the wrong type
   */
  static GroupConfig read(String name, Fields fields, List<String> members) {
    Object version =
        fields.has("metadata") ? fields.mapping("metadata").values().get("version") : null;
    return new GroupConfig(
        name,
        fields.string("group_alias", name),
        members,
        aggregates(fields),
        version == null ? "N/A" : PythonRepr.str(version));
  }

  private static List<Aggregate> aggregates(Fields fields) {
    boolean single = fields.values().get("aggregate_metric_list") instanceof Map;
    List<Fields> metrics =
        single
            ? List.of(fields.mapping("aggregate_metric_list"))
            : fields.list("aggregate_metric_list");
    List<Aggregate> aggregates = new ArrayList<>();
    for (Fields metric : metrics) {
      metric.requireKnown(List.of("metric", "aggregation", "weight_by_size", "filter_list"));
      if (!metric.has("metric")) {
        throw new InputException(
            "%s: there is no metric: name the one to average".formatted(metric.place()));
      }
      if (!"mean".equals(metric.values().getOrDefault("aggregation", "mean"))) {
        throw metric.wanted("aggregation", "mean");
      }
      if (metric.has("filter_list") && !metric.strings("filter_list").contains(Aggregate.FILTER)) {
        throw metric.wanted("filter_list", "none: filters of generated texts are not supported");
      }
      aggregates.add(
          new Aggregate(metric.string("metric", ""), metric.bool("weight_by_size", true)));
    }
    return aggregates;
  }
}
