package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.data.Split.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How files become documents. An option is null where a task file does not give it; then what is
 * usual counts.
 */
public sealed interface Reading {

  /** Every file is of this format. */
  sealed interface OfFormat extends Reading {
    /** Which. */
    default Format format() {
      return switch (this) {
        case Parquet _ -> Format.PARQUET;
        case Json _ -> Format.JSON_LINES;
        case Csv _ -> Format.CSV;
        case Text _ -> Format.TEXT;
      };
    }

    /** The options that are given, by their names in task files. */
    default List<String> given() {
      List<String> names = new ArrayList<>();
      switch (this) {
        case Parquet _ -> {}
        case Json json -> add(names, "field", json.field);
        case Csv csv -> {
          add(names, "sep", csv.separator);
          add(names, "names", csv.names);
          add(names, "header", csv.header);
        }
        case Text text -> {
          add(names, "sample_by", text.unit);
          add(names, "keep_linebreaks", text.keepLineBreaks);
        }
      }
      return names;
    }

    private static void add(List<String> names, String name, Object option) {
      if (option != null) {
        names.add(name);
      }
    }
  }

  /** Apache Parquet. */
  record Parquet() implements OfFormat {}

  /**
   * One object a line, or an array of them.
   *
   * @param field which holds the documents
   */
  record Json(String field) implements OfFormat {
    /** Without options. */
    public static final Json USUAL = new Json(null);
  }

  /**
   * Comma-separated values.
   *
   * @param separator between fields; a comma is usual, and a tab where a file's name ends in .tsv
   * @param names of the columns; those of the first line are usual
   * @param header whether the first line names the columns; usual where names are not given
   */
  record Csv(Character separator, List<String> names, Boolean header) implements OfFormat {
    /** Without options. */
    public static final Csv USUAL = new Csv(null, null, null);

    /** Copies the names. */
    public Csv {
      names = names == null ? null : List.copyOf(names);
    }

    private Csv of(Path file) {
      boolean tabs = separator == null && file.toString().matches(".*\\.tsv(\\.gz)?");
      return tabs ? new Csv('\t', names, header) : this;
    }
  }

  /**
   * Plain text.
   *
   * @param unit what of a file is a document; a line is usual
   * @param keepLineBreaks whether a line ends with its line break; usually not
   */
  record Text(Unit unit, Boolean keepLineBreaks) implements OfFormat {
    /** What of a file is a document. */
    public enum Unit {
      LINE,
      PARAGRAPH,
      DOCUMENT
    }

    /** Without options. */
    public static final Text USUAL = new Text(null, null);
  }

  /**
   * Each file is what its name says.
   *
   * @param csv how files of CSV are read, and so on; no file may be of a format without the options
   *     that are given
   */
  record ByName(Csv csv, Json json, Text text) implements Reading {
    /** Without options. */
    public static final ByName USUAL = new ByName(Csv.USUAL, Json.USUAL, Text.USUAL);

    private OfFormat of(Path file) {
      return switch (Format.of(file)) {
        case PARQUET -> only(file, new Parquet());
        case JSON_LINES -> only(file, json);
        case CSV -> only(file, csv.of(file));
        case TEXT -> only(file, text);
        case OTHER ->
            throw new InputException(
                file
                    + ": is none of Parquet, JSON, CSV and text by its name; name the loader as"
                    + " dataset_path, such as json");
      };
    }

    private OfFormat only(Path file, OfFormat its) {
      Stream.of(csv, json, text)
          .filter(other -> other.format() != its.format())
          .flatMap(other -> other.given().stream())
          .findFirst()
          .ifPresent(option -> {
            throw new InputException(
                "%s: dataset_kwargs has %s, which is nothing that such a file has"
                    .formatted(file, option));
          });
      return its;
    }
  }

  /** What a file is. */
  default Format format(Path file) {
    return switch (this) {
      case ByName _ -> Format.of(file);
      case OfFormat its -> its.format();
    };
  }

  /**
   * Opens a reader.
   *
   * @throws InputException if the file's format is none that can be read, or has not the options
   */
  default DocumentReader open(Path file) throws IOException {
    return switch (this) {
      case ByName names -> names.of(file).open(file);
      case Parquet _ -> new ParquetReader(file);
      case Json(String field) when field != null -> new JsonArrayReader(file, field);
      case Json _ -> new JsonLinesReader(file);
      case Csv(Character separator, List<String> names, Boolean header) ->
          new CsvFileReader(
              file,
              separator == null ? ',' : separator,
              names,
              header == null ? names == null : header);
      case Text(Text.Unit unit, Boolean keepLineBreaks) ->
          new TextFileReader(
              file, unit == null ? Text.Unit.LINE : unit, keepLineBreaks != null && keepLineBreaks);
    };
  }
}
