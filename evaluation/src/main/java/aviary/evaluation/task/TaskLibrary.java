package aviary.evaluation.task;

import aviary.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tasks and groups that can be named: those that are built in, and those of the user's files.
 */
public final class TaskLibrary {

  /** The files that are built in: a folder of resources cannot be listed. */
  private static final String INDEX = "index.txt";

  private final Map<String, TaskConfig> tasks = new TreeMap<>();
  private final Map<String, GroupConfig> groups = new TreeMap<>();
  private final Set<String> builtIn = new TreeSet<>();
  private final Set<String> replaced = new TreeSet<>();

  /**
   * Reads what is built in, then the user's, which may replace it.
   *
   * @param includes YAML files, and folders of these
   * @throws InputException if a file is no task or group
   */
  public static TaskLibrary read(List<Path> includes) throws IOException {
    TaskLibrary library = new TaskLibrary();
    TaskFile.Source builtIn = new BuiltIn();
    for (String name : builtIn.read(INDEX).lines().toList()) {
      library.add(TaskFile.read(builtIn, name));
    }
    library.builtIn.addAll(library.tasks.keySet());
    library.builtIn.addAll(library.groups.keySet());
    for (Path include : includes) {
      library.include(include);
    }
    return library;
  }

  private void include(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      Path folder = path.toAbsolutePath().getParent();
      add(TaskFile.read(new Folder(folder), path.getFileName().toString()));
      return;
    }
    if (!Files.isDirectory(path)) {
      throw new InputException("--include %s: there is no such file or folder".formatted(path));
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        Fields fields = TaskFile.read(new Folder(path), path.relativize(file).toString());
        // A file without a name is what others include.
        if (fields.has("task") || fields.has("group")) {
          add(fields);
        }
      }
    }
  }

  private void add(Fields fields) {
    String name;
    if (GroupReader.isGroup(fields)) {
      GroupConfig group = GroupReader.read(fields);
      name = group.name();
      groups.put(name, group);
      tasks.remove(name);
    } else {
      TaskConfig task = TaskReader.read(fields);
      name = task.name();
      tasks.put(name, task);
      groups.remove(name);
    }
    if (builtIn.contains(name)) {
      replaced.add(name);
    }
  }

  /** Names of what is built in and was replaced by the user's. */
  public Set<String> replaced() {
    return replaced;
  }

  /** All tasks, by name. */
  public Collection<TaskConfig> tasks() {
    return tasks.values();
  }

  /** All groups, by name. */
  public Collection<GroupConfig> groups() {
    return groups.values();
  }

  /**
   * Finds what a user names: tasks, groups, tags, and patterns with {@code *}.
   *
   * @throws InputException which tells all names that there are not; the nearest are offered
   */
  public Selection select(List<String> names) {
    List<String> unknown = names.stream().filter(name -> named(name).isEmpty()).distinct().toList();
    if (!unknown.isEmpty()) {
      throw unknown(unknown);
    }
    Map<String, TaskConfig> chosen = new LinkedHashMap<>();
    Set<GroupConfig> within = new LinkedHashSet<>();
    for (String name : names) {
      for (String found : named(name)) {
        collect(found, chosen, within, List.of());
      }
    }
    return new Selection(List.copyOf(chosen.values()), List.copyOf(within));
  }

  private Collection<String> named(String name) {
    if (tasks.containsKey(name) || groups.containsKey(name)) {
      return List.of(name);
    }
    Pattern pattern =
        Pattern.compile(
            Stream.of(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    Set<String> found = new TreeSet<>();
    tasks.values().stream()
        .filter(task -> task.tags().contains(name) || pattern.matcher(task.name()).matches())
        .forEach(task -> found.add(task.name()));
    groups.keySet().stream().filter(g -> pattern.matcher(g).matches()).forEach(found::add);
    return found;
  }

  private InputException unknown(List<String> names) {
    Set<String> known = new TreeSet<>(tasks.keySet());
    known.addAll(groups.keySet());
    return new InputException(
        names.stream()
                .map(name ->
                    "%s: there is no such task%s".formatted(name, Nearest.hint(name, known)))
                .collect(Collectors.joining("; ", "--tasks ", ""))
            + " (see: aviary eval --tasks list)");
  }

  private void collect(
      String name, Map<String, TaskConfig> chosen, Set<GroupConfig> within, List<String> around) {
    if (tasks.containsKey(name)) {
      chosen.putIfAbsent(name, tasks.get(name));
      return;
    }
    GroupConfig group = groups.get(name);
    if (group == null || around.contains(name)) {
      throw new InputException(
          "the group %s has the member %s, which %s"
              .formatted(
                  around.getLast(), name, group == null ? "there is not" : "contains it again"));
    }
    List<String> deeper = new ArrayList<>(around);
    deeper.add(name);
    group.members().forEach(member -> collect(member, chosen, within, deeper));
    within.add(group);
  }

  /** Files among the program's classes. */
  private record BuiltIn() implements TaskFile.Source {
    @Override
    public String read(String name) throws IOException {
      try (InputStream in = TaskLibrary.class.getResourceAsStream("tasks/" + name)) {
        if (in == null) {
          throw new IOException("the task file %s is missing in this build".formatted(name));
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    @Override
    public String place(String name) {
      return name;
    }
  }

  /** Files of the user. */
  private record Folder(Path folder) implements TaskFile.Source {
    @Override
    public String read(String name) throws IOException {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new InputException(file + ": is included, but there is no such file");
      }
      try {
        return Files.readString(file);
      } catch (java.nio.charset.CharacterCodingException e) {
        throw new InputException(file + ": is not UTF-8 text", e);
      }
    }

    @Override
    public String place(String name) {
      return folder.resolve(name).toString();
    }
  }
}
