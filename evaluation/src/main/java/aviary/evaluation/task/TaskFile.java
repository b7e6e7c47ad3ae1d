package aviary.evaluation.task;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads YAML files of tasks and groups of one source, with those that they include. */
final class TaskFile {
  private static final int DEEPEST_INCLUDE = 8;
  private static final Map<Tag, ConstructNode> FUNCTIONS =
      Map.of(
          new Tag("!function"),
          node ->
              new PythonFunction(
                  node instanceof ScalarNode scalar ? scalar.getValue() : "",
                  node.getStartMark().map(Mark::getLine).orElse(0) + 1));

  /** Where files come from: a folder, or what is built in. */
  interface Source {
    /**
     * The text of a file.
     *
     * @param name relative to the source
     */
    String read(String name) throws IOException;

    /** What messages call a file. */
    String place(String name);
  }

  /**
   * What a file says.
   *
   * @param fields its own, over those of the files that it includes
   * @param failure why the fields of an included file are missing; null if none are
   */
  record Content(Fields fields, InputException failure) {}

  private final Source source;

  /** Files that others include are read once: a folder has hundreds that include the same. */
  private final Map<String, Map<String, Object>> included = new HashMap<>();

  TaskFile(Source source) {
    this.source = source;
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it is no YAML
   */
  Content read(String name) throws IOException {
    Fields own = parse(name);
    try {
      return new Content(new Fields(own.place(), merged(name, own, 0)), null);
    } catch (InputException e) {
      return new Content(own, e);
    }
  }

  private Map<String, Object> merged(String name, Fields own, int depth) throws IOException {
    if (depth == DEEPEST_INCLUDE) {
      throw new InputException(source.place(name) + ": its includes go round in a circle");
    }
    Map<String, Object> all = new LinkedHashMap<>();
    for (String include : own.strings("include")) {
      boolean absolute = Path.of(include).isAbsolute();
      String folder = absolute ? "" : name.substring(0, name.lastIndexOf('/') + 1);
      all.putAll(included(folder + include, depth + 1));
    }
    all.putAll(own.values());
    all.remove("include");
    return all;
  }

  private Map<String, Object> included(String name, int depth) throws IOException {
    Map<String, Object> known = included.get(name);
    if (known == null) {
      known = merged(name, parse(name), depth);
      // Names tasks of the included file, in lm-evaluation-harness for that file only.
      known.remove("task_list");
      included.put(name, known);
    }
    return known;
  }

  private Fields parse(String name) throws IOException {
    String place = source.place(name);
    return Fields.of(place, parse(place, source.read(name)));
  }

  private static Object parse(String place, String yaml) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(place)
            .setSchema(new CoreSchema())
            .setTagConstructors(FUNCTIONS)
            // As PyYAML, which takes the last; files of lm-evaluation-harness depend on it.
            .setAllowDuplicateKeys(true)
            .setMaxAliasesForCollections(100)
            .build();
    try {
      return new Load(settings).loadFromString(yaml);
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> ": line " + (mark.getLine() + 1)).orElse("");
      throw new InputException(
          "%s%s: is no valid YAML: %s".formatted(place, line, e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new InputException("%s: is no valid YAML: %s".formatted(place, e.getMessage()), e);
    }
  }
}
