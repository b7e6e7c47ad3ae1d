package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.data.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is built in and what the user's files define, by name. */
final class Definitions {

  /** The files that are built in: a folder of resources cannot be listed. */
  private static final String INDEX = "index.txt";

  private static final Set<String> IGNORED_FOLDERS = Set.of("__pycache__", ".ipynb_checkpoints");

  private final Map<String, Definition> byName = new TreeMap<>();
  private final Map<String, Set<String>> byTag = new HashMap<>();
  private final Set<String> replaced = new TreeSet<>();
  private final List<String> doubled = new ArrayList<>();
  private final List<InputException> unreadable = new ArrayList<>();

  /**
   * Reads what is built in, then the user's, which may replace it.
   *
   * @param includes YAML files, and folders of these
   * @throws InputException if there is no such file or folder, or a file that is named is no task
   *     or group; of a folder such files are left out
   */
  static Definitions read(List<Path> includes) throws IOException {
    Definitions all = new Definitions();
    TaskFile files = new TaskFile(new BuiltIn());
    for (String name : new BuiltIn().read(INDEX).lines().toList()) {
      all.put(definition(files.read(name), true));
    }
    for (Path include : includes) {
      all.include(include);
    }
    for (Definition definition : all.byName.values()) {
      if (!definition.isGroup()) {
        definition
            .tags()
            .forEach(
                tag -> all.byTag.computeIfAbsent(tag, _ -> new TreeSet<>()).add(definition.name()));
      }
    }
    return all;
  }

  private void include(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      Path folder = path.toAbsolutePath().getParent();
      Definition definition =
          definition(new TaskFile(new Folder(folder)).read(path.getFileName().toString()), false);
      definition.usable();
      if (definition.name() == null) {
        throw new InputException(
            "%s: there is neither a task nor a group in it".formatted(definition.fields().place()));
      }
      put(definition);
      return;
    }
    if (!Files.isDirectory(path)) {
      throw new InputException("--include %s: there is no such file or folder".formatted(path));
    }
    TaskFile files = new TaskFile(new Folder(path));
    Set<String> seen = new HashSet<>();
    for (Path file : yaml(path)) {
      try {
        Definition definition = definition(files.read(path.relativize(file).toString()), false);
        add(definition, seen);
      } catch (InputException e) {
        unreadable.add(e);
      }
    }
  }

  private static List<Path> yaml(Path folder) throws IOException {
    if (!Files.isReadable(folder)) {
      throw new InputException("--include %s: the folder may not be read".formatted(folder));
    }
    return FileTree.files(
            folder, name -> !IGNORED_FOLDERS.contains(name.toString()), Integer.MAX_VALUE)
        .stream()
        .filter(file -> file.toString().endsWith(".yaml") && Files.isRegularFile(file))
        .sorted()
        .toList();
  }

  /** Of two files of a folder with the same name the first counts, as in lm-evaluation-harness. */
  private void add(Definition definition, Set<String> seen) {
    if (definition.name() == null) {
      return; // A file without a name is what others include.
    }
    if (seen.add(definition.name())) {
      put(definition);
    } else {
      doubled.add(
          "%s: %s is defined in %s too, which counts"
              .formatted(
                  definition.fields().place(),
                  definition.name(),
                  byName.get(definition.name()).fields().place()));
    }
  }

  private static Definition definition(TaskFile.Content content, boolean builtIn) {
    Fields fields = content.fields();
    String name = fields.string(GroupReader.isGroup(fields) ? "group" : "task", null);
    return new Definition(name, fields, content.failure(), builtIn);
  }

  private void put(Definition definition) {
    Definition before = byName.put(definition.name(), definition);
    if (before != null && before.builtIn()) {
      replaced.add(definition.name());
    }
  }

  /** The task or group of a name; null if there is none. */
  Definition get(String name) {
    return byName.get(name);
  }

  /** All of them, by name. */
  Collection<Definition> all() {
    return byName.values();
  }

  /** Names of the tasks that have a tag, sorted. */
  Collection<String> tagged(String tag) {
    return byTag.getOrDefault(tag, Set.of());
  }

  /** All tags. */
  Set<String> tags() {
    return byTag.keySet();
  }

  /** Names of what is built in and was replaced by the user's. */
  Set<String> replaced() {
    return replaced;
  }

  /** What is defined twice in a folder, a line each. */
  List<String> doubled() {
    return doubled;
  }

  /** What is wrong with files of a folder of which not even a name is known. */
  List<InputException> unreadable() {
    return unreadable;
  }

  /**
   * The first file that could not be read, for messages on a name that is not known; or nothing.
   */
  String whatIsUnreadable() {
    return unreadable.isEmpty()
        ? ""
        : "; of --include %d file%s could not be read, the first: %s"
            .formatted(
                unreadable.size(),
                unreadable.size() == 1 ? "" : "s",
                unreadable.getFirst().getMessage());
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
