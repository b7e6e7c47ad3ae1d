package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.template.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The columns of JSON, of one type each over all documents, as {@code datasets} 5 and pyarrow make
 * of them for lm-evaluation-harness:
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>a column's values</th><th>become</th></tr>
 * <tr><td>a key that a line lacks; null</td><td>none; every document has every column</td></tr>
 * <tr><td>whole numbers</td><td>whole numbers</td></tr>
 * <tr><td>whole numbers beside fractions, NaN, Infinity or what 64 bits do not hold</td>
 * <td>doubles</td></tr>
 * <tr><td>texts that are all dates, {@code YYYY-MM-DD} with or without a time in whole seconds</td>
 * <td>dates and times without a zone, moved to UTC</td></tr>
 * <tr><td>other texts; truth values; lists</td><td>the same</td></tr>
 * <tr><td>objects with the same keys</td><td>dictionaries in the first one's order</td></tr>
 * <tr><td>objects with other keys, or what is of several kinds, such as 1 beside "a"</td>
 * <td>what each line has; a text that is itself JSON is read</td></tr>
 * </table>
 *
 * In a file with a column of the last kind, and in one that is an array, {@code datasets} writes
 * all lines anew before it reads them, fractions with 10 decimals and NaN and Infinity as null. It
 * compares the keys of objects only where it can read all lines so; in others, as with an empty
 * line, keys that are missing in an object become none.
 */
final class JsonColumns {
  private final JsonColumn documents = new JsonColumn();
  private boolean readable = true;
  private boolean rewritten;
  private JsonColumn.Rules rules;

  /**
   * Goes through files that are one split.
   *
   * @param reading how they are read
   * @throws InputException if one cannot be read so
   */
  static JsonColumns of(List<Path> files, Reading reading) throws IOException {
    JsonColumns columns = new JsonColumns();
    for (Path file : files) {
      try (DocumentReader reader = reading.open(file)) {
        for (Map<String, Object> line = reader.next(); line != null; line = reader.next()) {
          columns.documents.add(line);
        }
        switch (reader) {
          case JsonLinesReader lines when !lines.isArray() ->
              columns.readable &= !lines.hasBlankLines();
          default -> columns.rewritten = true;
        }
      }
    }
    columns.settle();
    return columns;
  }

  private void settle() {
    boolean comparesKeys = readable && !documents.hasHugeNumber();
    boolean mixed =
        documents.fields().values().stream().anyMatch(its -> its.hasMixed(comparesKeys));
    rules = new JsonColumn.Rules(comparesKeys, mixed || rewritten);
  }

  /**
   * The document of a line.
   *
   * @throws InputException if it has a date outside the years that Python has
   */
  Map<String, Object> document(Path file, Map<String, Object> line) {
    try {
      Map<String, Object> document = new LinkedHashMap<>();
      documents
          .fields()
          .forEach((name, column) -> document.put(name, column.value(line.get(name), rules)));
      return document;
    } catch (TemplateException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }

  /** Returns the documents of one of the files. */
  DocumentReader reader(Path file, Reading reading) throws IOException {
    DocumentReader lines = reading.open(file);
    return new DocumentReader() {
      @Override
      public Map<String, Object> next() throws IOException {
        Map<String, Object> line = lines.next();
        return line == null ? null : document(file, line);
      }

      @Override
      public void close() throws IOException {
        lines.close();
      }
    };
  }
}
