package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.data.Split.Format;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How files become documents, by the names that the loaders of {@code datasets} have for it.
 *
 * @param format what all files are; null if each is what its name says
 * @param options of the format: for CSV {@code sep} (one character), {@code names} (a list) and
 *     {@code header} (true or false: whether the first line names the columns), for JSON {@code
 *     field} (which holds the documents), for texts {@code sample_by} and {@code keep_linebreaks}
 */
public record Reading(Format format, Map<String, Object> options) {

  /** Each file as its name says, with what is usual. */
  public static final Reading BY_NAME = new Reading(null, Map.of());

  private static final Map<Format, Set<String>> OPTIONS =
      Map.of(
          Format.CSV, Set.of("sep", "names", "header"),
          Format.JSON_LINES, Set.of("field"),
          Format.TEXT, Set.of("sample_by", "keep_linebreaks"),
          Format.PARQUET, Set.of());

  /** Copies the options. */
  public Reading {
    options = Map.copyOf(options);
  }

  /** What a file is. */
  Format format(Path file) {
    return format == null ? Format.of(file) : format;
  }

  /**
   * Opens a reader.
   *
   * @throws InputException if the file's format is none that can be read, or has not the options
   */
  DocumentReader open(Path file) throws java.io.IOException {
    Format its = format(file);
    for (String option : options.keySet()) {
      if (its != Format.OTHER && !OPTIONS.get(its).contains(option)) {
        throw new InputException(
            "%s: dataset_kwargs has %s, which is nothing that such a file has"
                .formatted(file, option));
      }
    }
    return switch (its) {
      case PARQUET -> new ParquetReader(file);
      case JSON_LINES ->
          options.containsKey("field")
              ? new JsonArrayReader(file, (String) options.get("field"))
              : new JsonLinesReader(file);
      case CSV -> new CsvFileReader(file, separator(file), names(), header());
      case TEXT ->
          new TextFileReader(
              file,
              TextFileReader.Unit.of((String) options.getOrDefault("sample_by", "line")),
              (boolean) options.getOrDefault("keep_linebreaks", false));
      case OTHER ->
          throw new InputException(
              file
                  + ": is none of Parquet, JSON, CSV and text by its name; name the loader as"
                  + " dataset_path, such as json");
    };
  }

  private char separator(Path file) {
    String usual = format == null && file.toString().matches(".*\\.tsv(\\.gz)?") ? "\t" : ",";
    return ((String) options.getOrDefault("sep", usual)).charAt(0);
  }

  /** Names of columns; null for those of the first line. */
  @SuppressWarnings("unchecked") // As the options are described.
  private List<String> names() {
    return (List<String>) options.get("names");
  }

  private boolean header() {
    return (boolean) options.getOrDefault("header", !options.containsKey("names"));
  }
}
