package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.task.GroupConfig.Aggregate;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.List;

/** Checks what the file of a group says. */
final class GroupReader {
  private GroupReader() {}

  /** Whether a file is one of a group. */
  static boolean isGroup(Fields fields) {
    return fields.has("group");
  }

  /**
   * Makes a group of a file's fields.
   *
   * @throws InputException if a field is not known, has the wrong type, or is missing
   */
  static GroupConfig read(Fields fields) {
    fields.requireKnown(
        List.of("group", "group_alias", "task", "aggregate_metric_list", "metadata"));
    String name = fields.string("group", "");
    List<String> members = fields.strings("task");
    if (members.isEmpty()) {
      throw new InputException("%s: the group %s has no task".formatted(fields.place(), name));
    }
    List<Aggregate> aggregates = new ArrayList<>();
    for (Fields metric : fields.list("aggregate_metric_list")) {
      metric.requireKnown(List.of("metric", "aggregation", "weight_by_size", "filter_list"));
      if (!metric.string("aggregation", "mean").equals("mean")) {
        throw metric.wanted("aggregation", "mean");
      }
      aggregates.add(
          new Aggregate(metric.string("metric", ""), metric.bool("weight_by_size", true)));
    }
    Object version =
        fields.has("metadata") ? fields.mapping("metadata").values().get("version") : null;
    return new GroupConfig(
        name,
        fields.string("group_alias", name),
        members,
        aggregates,
        version == null ? "N/A" : PythonRepr.str(version));
  }
}
