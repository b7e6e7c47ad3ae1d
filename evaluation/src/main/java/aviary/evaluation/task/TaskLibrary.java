package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.task.Inventory.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tasks and groups that can be named: those that are built in, and those of the user's files.
 * Only their names are known at first; each is checked when it is asked for.
 */
public final class TaskLibrary {
  private final Definitions definitions;

  private TaskLibrary(Definitions definitions) {
    this.definitions = definitions;
  }

  /**
   * Reads what is built in, then the user's, which may replace it.
   *
   * @param includes YAML files, and folders of these
   * @throws InputException if there is no such file or folder, or a file that is named itself is no
   *     task or group
   */
  public static TaskLibrary read(List<Path> includes) throws IOException {
    return new TaskLibrary(Definitions.read(includes));
  }

  /** Names of what is built in and was replaced by the user's. */
  public Set<String> replaced() {
    return definitions.replaced();
  }

  /** Of names that a folder defines twice, which file counts: a line each. */
  public List<String> doubled() {
    return definitions.doubled();
  }

  /** All tasks that can run, by name. */
  public Collection<TaskConfig> tasks() {
    return inventory().tasks();
  }

  /** Checks all tasks and groups. */
  public Inventory inventory() {
    List<TaskConfig> tasks = new ArrayList<>();
    List<GroupConfig> groups = new ArrayList<>();
    List<Refused> refused = new ArrayList<>();
    List<Refused> refusedGroups = new ArrayList<>();
    int included = 0;
    int refusedIncluded = 0;
    for (Definition definition : definitions.all()) {
      try {
        Assembly assembly = new Assembly(definitions);
        assembly.add(definition);
        Selection alone = assembly.selection();
        if (definition.isGroup()) {
          groups.add(alone.groups().getLast());
        } else {
          tasks.add(alone.tasks().getLast());
          included += definition.builtIn() ? 0 : 1;
        }
      } catch (InputException e) {
        Refused its = new Refused(definition.name(), reason(e, definition));
        if (definition.isGroup()) {
          refusedGroups.add(its);
        } else {
          refused.add(its);
          refusedIncluded += definition.builtIn() ? 0 : 1;
        }
      }
    }
    return new Inventory(
        tasks,
        groups,
        refused,
        refusedGroups,
        definitions.unreadable().stream().map(Throwable::getMessage).toList(),
        included,
        refusedIncluded);
  }

  /** The message without the place, and without advice. */
  private static String reason(InputException e, Definition definition) {
    String message = e.getMessage();
    String place = definition.fields().place() + ": ";
    return (message.startsWith(place) ? message.substring(place.length()) : message)
        .replaceFirst("^line \\d+: ", "")
        .replaceFirst("(, which cannot run here \\(.*|; .*)$", "");
  }

  /**
   * Finds what a user names: tasks, groups, tags, and patterns with {@code *}.
   *
   * @throws InputException which tells all names that there are not, and the nearest; or the first
   *     of the tasks that cannot run here
   */
  public Selection select(List<String> names) {
    List<String> unknown = names.stream().filter(name -> named(name).isEmpty()).distinct().toList();
    if (!unknown.isEmpty()) {
      throw unknown(unknown);
    }
    Assembly assembly = new Assembly(definitions);
    for (String name : names) {
      named(name).forEach(found -> assembly.add(definitions.get(found)));
    }
    return assembly.selection();
  }

  private Collection<String> named(String name) {
    if (definitions.get(name) != null) {
      return List.of(name);
    }
    Pattern pattern =
        Pattern.compile(
            Stream.of(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    Set<String> found = new TreeSet<>(definitions.tagged(name));
    definitions.all().stream()
        .map(Definition::name)
        .filter(other -> pattern.matcher(other).matches())
        .forEach(found::add);
    return found;
  }

  private InputException unknown(List<String> names) {
    Set<String> known = new TreeSet<>(definitions.tags());
    definitions.all().forEach(definition -> known.add(definition.name()));
    String files = definitions.whatIsUnreadable();
    return new InputException(
        names.stream()
                .map(name ->
                    "%s: there is no such task%s".formatted(name, Nearest.hint(name, known)))
                .collect(Collectors.joining("; ", "--tasks ", ""))
            + " (see: aviary eval --tasks list)"
            + files);
  }
}
