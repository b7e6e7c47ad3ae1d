package aviary.evaluation.data;

import aviary.InputException;
import aviary.text.ByteOrderMark;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Reads a CSV file as {@code datasets} does. Its lines are gone through twice: what a column's
 * values are is only known after the last. Lines that are blank are passed over; of one that is too
 * short the rest is none.
 */
final class CsvFileReader implements DocumentReader {
  private final Path file;
  private final char separator;
  private final List<String> names;
  private final List<CsvColumn> columns = new ArrayList<>();
  private final int skipped;
  private CsvReader<CsvRecord> csv;
  private Iterator<CsvRecord> records;

  /**
   * @param file UTF-8, or that in gzip if its name ends in .gz
   * @param separator between the fields of a line
   * @param names of the columns; null for those of the first line, or numbers if it has none
   * @param header whether the first line is no document
   */
  CsvFileReader(Path file, char separator, List<String> names, boolean header) throws IOException {
    this.file = file;
    this.separator = separator;
    skipped = header ? 1 : 0;
    begin();
    try {
      CsvRecord first = nextRecord();
      if (first == null && names == null) {
        throw new InputException(file + ": has no columns: it is empty");
      }
      this.names = names != null ? List.copyOf(names) : names(first.getFields(), header);
      this.names.forEach(_ -> columns.add(new CsvColumn()));
      for (CsvRecord row = header ? nextRecord() : first; row != null; row = nextRecord()) {
        see(row);
      }
      close();
      begin();
      for (int i = 0; i < skipped; i++) {
        nextRecord();
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private static List<String> names(List<String> first, boolean header) {
    if (!header) {
      return IntStream.range(0, first.size()).mapToObj(Integer::toString).toList();
    }
    List<String> names = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < first.size(); i++) {
      String name = first.get(i).isEmpty() ? "Unnamed: " + i : first.get(i);
      int before = counts.merge(name, 1, Integer::sum) - 1;
      names.add(before == 0 ? name : name + "." + before);
    }
    return names;
  }

  private void begin() throws IOException {
    InputStream bytes = TextFiles.bytes(file);
    try {
      ByteOrderMark.skip(bytes);
      csv =
          CsvReader.builder()
              .fieldSeparator(separator)
              .allowUnclosedQuote(false)
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
              .ofCsvRecord(new BufferedReader(TextFiles.text(bytes)));
      records = csv.iterator();
    } catch (Throwable e) {
      bytes.close();
      throw e;
    }
  }

  private void see(CsvRecord row) {
    if (row.getFieldCount() > columns.size()) {
      throw new InputException(
          "%s: line %d has %d fields, and there are %d columns"
              .formatted(file, row.getStartingLineNumber(), row.getFieldCount(), columns.size()));
    }
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).see(field(row, i));
    }
  }

  private static String field(CsvRecord row, int column) {
    return column < row.getFieldCount() ? row.getField(column) : "";
  }

  /** The next line that is not blank; null after the last. */
  private CsvRecord nextRecord() {
    try {
      while (records.hasNext()) {
        CsvRecord row = records.next();
        // An empty field alone is one in quotes: FastCSV itself passes empty lines over.
        if (row.getFieldCount() > 1 || row.getField(0).isEmpty() || !row.getField(0).isBlank()) {
          return row;
        }
      }
      return null;
    } catch (CsvParseException e) {
      throw new InputException("%s: is not valid CSV: %s".formatted(file, e.getMessage()), e);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new InputException(file + ": is not UTF-8 text", e);
      }
      throw e;
    }
  }

  @Override
  public Map<String, Object> next() {
    CsvRecord row = nextRecord();
    if (row == null) {
      return null;
    }
    Map<String, Object> document = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      document.put(names.get(i), columns.get(i).value(field(row, i)));
    }
    return document;
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}
