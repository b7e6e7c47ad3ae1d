package aviary.evaluation.compare;

import aviary.InputException;
import aviary.evaluation.data.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * The files of a run, which lm-evaluation-harness may have written as well.
 *
 * @param name what the run is called: the model's name
 * @param fields of the result file
 * @param samples the files of samples that belong to it, by task
 */
public record RunFiles(String name, Map<String, Object> fields, Map<String, Path> samples) {
  private static final String RESULTS = "results_";

  /**
   * Reads a run's files.
   *
   * @param path a result file, or a folder with some, of which the last is taken
   * @throws InputException if there is none, or it is no result file
   */
  public static RunFiles read(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new InputException(path + ": there is no such file or folder");
    }
    Path file = Files.isDirectory(path) ? last(path) : path;
    Object value;
    try {
      value = JsonValues.read(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new InputException(file + ": is no JSON: " + e.getOriginalMessage(), e);
    }
    Map<String, Object> fields = map(value);
    if (map(fields.get("results")).isEmpty()) {
      throw new InputException(file + ": is no result file: it has no \"results\"");
    }
    Object name = fields.get("model_name");
    return new RunFiles(name == null ? file.toString() : name.toString(), fields, samples(file));
  }

  private static Path last(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder, 3)) {
      return files
          .filter(file -> file.getFileName().toString().matches(RESULTS + ".*\\.json"))
          .max(Comparator.comparing(file -> file.getFileName().toString()))
          .orElseThrow(() -> new InputException(folder + ": there is no results_DATE.json in it"));
    }
  }

  /** Those of the same time. */
  private static Map<String, Path> samples(Path file) throws IOException {
    String name = file.getFileName().toString();
    String date = name.replaceFirst("^" + RESULTS, "").replaceFirst("\\.json$", "");
    String end = "_" + date + ".jsonl";
    Map<String, Path> samples = new LinkedHashMap<>();
    List<Path> beside;
    try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
      beside = files.sorted().toList();
    }
    for (Path path : beside) {
      String other = path.getFileName().toString();
      if (other.startsWith("samples_") && other.endsWith(end)) {
        samples.put(other.substring("samples_".length(), other.length() - end.length()), path);
      }
    }
    return samples;
  }

  /** The scores of a task or group, by metric and filter. */
  Map<String, Object> scores(String task) {
    return map(map(fields.get("results")).get(task));
  }

  /** The names of tasks and groups. */
  List<String> tasks() {
    return List.copyOf(map(fields.get("results")).keySet());
  }

  /** What a task has between a question and a choice. */
  String delimiter(String task) {
    Object delimiter = map(map(fields.get("configs")).get(task)).get("target_delimiter");
    return delimiter instanceof String text ? text : " ";
  }

  /** The members of groups. */
  Map<String, Object> groups() {
    return map(fields.get("group_subtasks"));
  }

  @SuppressWarnings("unchecked") // Objects of JSON have texts as keys.
  static Map<String, Object> map(Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }
}
