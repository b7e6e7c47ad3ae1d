package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes tasks and groups of their definitions, with what groups say of the tasks below them. A
 * field that stands nearer to the name which the user gave wins: of a group over that of its
 * members, of a member's mapping over that of the group that holds it.
 */
final class Assembly {
  private final Definitions definitions;
  private final Map<String, TaskConfig> tasks = new LinkedHashMap<>();
  private final Map<String, GroupConfig> groups = new LinkedHashMap<>();

  /** The fields that each task and group was made of. */
  private final Map<String, Object> madeOf = new HashMap<>();

  Assembly(Definitions definitions) {
    this.definitions = definitions;
  }

  /** What has been added. */
  Selection selection() {
    return new Selection(List.copyOf(tasks.values()), List.copyOf(groups.values()));
  }

  /**
   * Adds a task or a group with all below it.
   *
   * @throws InputException if one of them cannot be used here
   */
  void add(Definition definition) {
    add(definition, Map.of(), List.of());
  }

  private void add(Definition definition, Map<String, Object> above, List<String> around) {
    if (definition.isGroup()) {
      addGroup(definition.name(), definition.usable(), above, around);
    } else {
      Fields fields = definition.usable();
      Map<String, Object> all = new LinkedHashMap<>(fields.values());
      all.putAll(above);
      all.put("task", definition.name());
      addTask(definition.name(), new Fields(fields.place(), all));
    }
  }

  private void addTask(String name, Fields fields) {
    if (isNew(name, fields.values(), fields.place())) {
      tasks.put(name, TaskReader.read(fields));
    }
  }

  private boolean isNew(String name, Map<String, Object> fields, String place) {
    Map<String, Object> its = new LinkedHashMap<>(fields);
    its.remove("task_alias");
    Object before = madeOf.putIfAbsent(name, its);
    if (before != null && !before.equals(its)) {
      throw new InputException(
          ("%s: %s is asked for twice, with other fields; name the groups that contain it in"
                  + " separate runs")
              .formatted(place, name));
    }
    return before == null;
  }

  private void addGroup(
      String name, Fields fields, Map<String, Object> above, List<String> around) {
    Map<String, Object> forTasks = GroupReader.forTasks(fields);
    forTasks.putAll(above);
    Map<String, Object> its = new LinkedHashMap<>(fields.values());
    its.put("fields for tasks", forTasks);
    if (!isNew(name, its, fields.place())) {
      return;
    }
    List<String> deeper = new ArrayList<>(around);
    deeper.add(name);
    Set<String> members = new LinkedHashSet<>();
    for (Object member : GroupReader.members(fields)) {
      members.addAll(
          switch (member) {
            case String named -> addNamed(named, fields, forTasks, deeper);
            case Map<?, ?> _ ->
                addMapping(
                    Fields.of(fields.place() + ": a member of " + name, member),
                    fields,
                    forTasks,
                    deeper);
            case null, default ->
                throw new InputException(
                    "%s: the group %s has the member %s, wanted a name or a mapping"
                        .formatted(fields.place(), name, PythonRepr.repr(member)));
          });
    }
    groups.put(name, GroupReader.read(name, fields, List.copyOf(members)));
  }

  /** Adds a member that is a mapping: a name with fields, or all of a task or group. */
  private List<String> addMapping(
      Fields member, Fields group, Map<String, Object> above, List<String> around) {
    String name = member.string(GroupReader.isGroup(member) ? "group" : "task", null);
    if (name == null) {
      throw new InputException(
          "%s: there is neither a task nor a group in it".formatted(member.place()));
    }
    Map<String, Object> fields = new LinkedHashMap<>(above);
    if (!GroupReader.isGroup(member)) {
      fields.putAll(member.values());
      fields.remove("task");
      return isKnown(name)
          ? addNamed(name, group, fields, around)
          : addInline(around.getLast() + "::" + name, member.place(), fields);
    }
    if (!isKnown(name)) {
      String inline = around.getLast() + "::" + name;
      addGroup(inline, member, above, around);
      return List.of(inline);
    }
    if (member.has("task")) {
      throw new InputException(
          "%s: there is a group %s already; leave its task away, or give it another name"
              .formatted(member.place(), name));
    }
    fields.putAll(member.values());
    fields.remove("group");
    return addNamed(name, group, fields, around);
  }

  private List<String> addInline(String name, String place, Map<String, Object> fields) {
    fields.put("task", name);
    addTask(name, new Fields(place, fields));
    return List.of(name);
  }

  private boolean isKnown(String name) {
    return definitions.get(name) != null || !definitions.tagged(name).isEmpty();
  }

  private List<String> addNamed(
      String name, Fields group, Map<String, Object> above, List<String> around) {
    if (around.contains(name)) {
      throw new InputException(
          "%s: the group %s has the member %s, which contains it again"
              .formatted(group.place(), around.getLast(), name));
    }
    Definition definition = definitions.get(name);
    if (definition != null) {
      add(definition, above, around);
      return List.of(name);
    }
    List<String> tagged = List.copyOf(definitions.tagged(name));
    if (tagged.isEmpty()) {
      throw new InputException(
          "%s: the group %s has the member %s, which does not exist%s"
              .formatted(group.place(), around.getLast(), name, definitions.whatIsUnreadable()));
    }
    tagged.forEach(task -> add(definitions.get(task), above, around));
    return tagged;
  }
}
