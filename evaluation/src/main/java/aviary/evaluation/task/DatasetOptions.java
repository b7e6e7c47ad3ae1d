package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.data.DataChoice;
import aviary.evaluation.data.Reading;
import aviary.evaluation.data.Split.Format;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code dataset_kwargs}, which lm-evaluation-harness hands to {@code load_dataset}: what
 * chooses documents or says how they are read is taken, or refused by name.
 */
final class DatasetOptions {
  /** Values of {@code dataset_path} that name no data set but how files are read. */
  private static final Map<String, Format> LOADERS =
      Map.of(
          "json", Format.JSON_LINES,
          "csv", Format.CSV,
          "parquet", Format.PARQUET,
          "text", Format.TEXT);

  /** How data comes from the hub and lies in memory; the documents are the same. */
  private static final Set<String> OF_NO_EFFECT =
      Set.of(
          "trust_remote_code",
          "token",
          "use_auth_token",
          "cache_dir",
          "download_config",
          "download_mode",
          "verification_mode",
          "ignore_verifications",
          "keep_in_memory",
          "save_infos",
          "streaming",
          "num_proc",
          "storage_options");

  private static final Set<String> TAKEN = Set.of("data_dir", "data_files", "revision");
  private static final Set<String> OF_CSV =
      Set.of("sep", "delimiter", "names", "column_names", "header");
  private static final Set<String> OF_JSON = Set.of("field");
  private static final Set<String> OF_TEXT = Set.of("sample_by", "keep_linebreaks");

  private final Fields fields;
  private final Format format;

  private DatasetOptions(Fields fields, Format format) {
    this.fields = fields;
    this.format = format;
  }

  /**
   * Reads the options of a task.
   *
   * @throws InputException if one would change what is read and is not supported, or has the wrong
   *     type
   */
  static DataChoice read(Fields task) {
    Format format =
        task.values().get("dataset_path") instanceof String path ? LOADERS.get(path) : null;
    Fields own =
        task.has("dataset_kwargs")
            ? task.mapping("dataset_kwargs")
            : new Fields(task.place(), Map.of());
    return new DatasetOptions(own, format).read();
  }

  private DataChoice read() {
    for (String name : fields.values().keySet()) {
      if (!OF_NO_EFFECT.contains(name)
          && !TAKEN.contains(name)
          && !known().contains(name)
          && (fields.has(name) || name.equals("header"))) {
        throw new InputException(
            "%s: %s is not supported, and it could change which documents are read%s"
                .formatted(fields.place(), name, Nearest.hint(name, all())));
      }
    }
    return new DataChoice(
        fields.string("data_dir", null),
        fields.has("data_files") ? files() : null,
        fields.string("revision", null),
        reading());
  }

  private Set<String> known() {
    return switch (format) {
      case CSV -> OF_CSV;
      case JSON_LINES -> OF_JSON;
      case TEXT -> OF_TEXT;
      case PARQUET, OTHER -> Set.of();
      case null -> ofAnyFormat();
    };
  }

  private static Set<String> ofAnyFormat() {
    Set<String> any = new LinkedHashSet<>(OF_CSV);
    any.addAll(OF_JSON);
    any.addAll(OF_TEXT);
    return any;
  }

  private Set<String> all() {
    Set<String> all = new LinkedHashSet<>(TAKEN);
    all.addAll(known());
    return all;
  }

  /** Paths by split: one path or a list is of {@code train}. */
  private Map<String, List<String>> files() {
    Map<String, List<String>> files = new LinkedHashMap<>();
    Object value = fields.values().get("data_files");
    switch (value) {
      case Map<?, ?> map ->
          map.forEach((split, paths) -> files.put(PythonRepr.str(split), paths(paths)));
      case List<?> list when list.stream().anyMatch(Map.class::isInstance) ->
          list.forEach(item -> addSplit(item, files));
      default -> files.put("train", paths(value));
    }
    return files;
  }

  /** The form {@code {split: test, path: test.jsonl}}. */
  private void addSplit(Object item, Map<String, List<String>> files) {
    if (!(item instanceof Map<?, ?> map)
        || !map.keySet().equals(Set.of("split", "path"))
        || files.putIfAbsent(PythonRepr.str(map.get("split")), paths(map.get("path"))) != null) {
      throw wantedFiles();
    }
  }

  private List<String> paths(Object value) {
    List<String> paths = new ArrayList<>();
    for (Object path : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
      if (!(path instanceof String text) || text.isBlank()) {
        throw wantedFiles();
      }
      paths.add(text);
    }
    if (paths.isEmpty()) {
      throw wantedFiles();
    }
    return paths;
  }

  private InputException wantedFiles() {
    return fields.wanted("data_files", "a path, a list of paths, or these by split");
  }

  private Reading reading() {
    return switch (format) {
      case PARQUET -> new Reading.Parquet();
      case CSV -> csv();
      case JSON_LINES -> json();
      case TEXT -> text();
      case null -> new Reading.ByName(csv(), json(), text());
      case OTHER -> throw new IllegalStateException("no loader reads other files");
    };
  }

  private Reading.Csv csv() {
    String separator = fields.string("delimiter", fields.string("sep", null));
    if (separator != null && separator.length() != 1) {
      throw fields.wanted(fields.has("delimiter") ? "delimiter" : "sep", "one character");
    }
    List<String> names = fields.strings(fields.has("column_names") ? "column_names" : "names");
    return new Reading.Csv(
        separator == null ? null : separator.charAt(0), names.isEmpty() ? null : names, header());
  }

  /** As in pandas: the number of the line with the columns' names, or none. */
  private Boolean header() {
    if (!fields.values().containsKey("header")) {
      return null;
    }
    return switch (fields.values().get("header")) {
      case null -> false;
      case Integer line when line == 0 -> true;
      case String text when text.equals("infer") -> null;
      default -> throw fields.wanted("header", "0, infer or null");
    };
  }

  private Reading.Json json() {
    return new Reading.Json(fields.string("field", null));
  }

  private Reading.Text text() {
    Reading.Text.Unit unit =
        switch (fields.string("sample_by", null)) {
          case null -> null;
          case "line" -> Reading.Text.Unit.LINE;
          case "paragraph" -> Reading.Text.Unit.PARAGRAPH;
          case "document" -> Reading.Text.Unit.DOCUMENT;
          default -> throw fields.wanted("sample_by", "line, paragraph or document");
        };
    return new Reading.Text(
        unit, fields.has("keep_linebreaks") ? fields.bool("keep_linebreaks", false) : null);
  }
}
