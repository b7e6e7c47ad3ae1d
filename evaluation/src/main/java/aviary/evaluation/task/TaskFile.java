package aviary.evaluation.task;

import aviary.InputException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads YAML files of tasks and groups, with those that they include. */
final class TaskFile {
  private static final int DEEPEST_INCLUDE = 8;

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

  private TaskFile() {}

  /**
   * Reads a file.
   *
   * @throws InputException if it is no YAML, or what it includes cannot be read
   */
  static Fields read(Source source, String name) throws IOException {
    return new Fields(source.place(name), read(source, name, 0));
  }

  private static Map<String, Object> read(Source source, String name, int depth)
      throws IOException {
    if (depth == DEEPEST_INCLUDE) {
      throw new InputException(source.place(name) + ": its includes go round in a circle");
    }
    Fields own = Fields.of(source.place(name), parse(source.place(name), source.read(name)));
    String included = own.string("include", null);
    Map<String, Object> all = new LinkedHashMap<>();
    if (included != null) {
      int folder = name.lastIndexOf('/') + 1;
      all.putAll(read(source, name.substring(0, folder) + included, depth + 1));
    }
    all.putAll(own.values());
    all.remove("include");
    return all;
  }

  private static Object parse(String place, String yaml) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(place)
            .setSchema(new CoreSchema())
            .setMaxAliasesForCollections(100)
            .build();
    try {
      return new Load(settings).loadFromString(yaml);
    } catch (MarkedYamlEngineException e) {
      boolean function = e.getMessage().contains("!function");
      String line = e.getProblemMark().map(mark -> ": line " + (mark.getLine() + 1)).orElse("");
      throw new InputException(
          "%s%s: %s"
              .formatted(
                  place,
                  line,
                  function
                      ? "!function names Python code, which cannot run here; write it as a template"
                          + " (docs/evaluation.md)"
                      : "is no valid YAML: " + e.getProblem()),
          e);
    } catch (YamlEngineException e) {
      throw new InputException("%s: is no valid YAML: %s".formatted(place, e.getMessage()), e);
    }
  }
}
