package aviary.evaluation.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * A data set's split on disk.
 *
 * @param files its files, in the order of its documents
 * @param reading how they become documents
 */
public record Split(List<Path> files, Reading reading) implements Documents {

  /** Copies the list. */
  public Split {
    files = List.copyOf(files);
  }

  /** Files that are what their names say. */
  public Split(List<Path> files) {
    this(files, Reading.ByName.USUAL);
  }

  /** Reads its documents, file after file. */
  @Override
  public DocumentReader open() {
    Iterator<Path> left = files.iterator();
    return new DocumentReader() {
      private DocumentReader current;
      private JsonColumns columns;

      @Override
      public Map<String, Object> next() throws IOException {
        while (true) {
          Map<String, Object> document = current == null ? null : current.next();
          if (document != null) {
            return document;
          }
          close();
          if (!left.hasNext()) {
            return null;
          }
          current = reader(left.next());
        }
      }

      private DocumentReader reader(Path file) throws IOException {
        if (reading.format(file) != Format.JSON_LINES) {
          return reading.open(file);
        }
        if (columns == null) {
          columns = JsonColumns.of(jsonFiles(), reading);
        }
        return columns.reader(file, reading);
      }

      @Override
      public void close() throws IOException {
        if (current != null) {
          current.close();
          current = null;
        }
      }
    };
  }

  /** The names, sizes and checksums of its files. */
  @Override
  public String description() throws IOException {
    List<String> all = new ArrayList<>();
    for (Path file : files) {
      CRC32C checksum = new CRC32C();
      long size;
      try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
        size = in.transferTo(OutputStream.nullOutputStream());
      }
      all.add("%s %08x %d bytes".formatted(file.getFileName(), checksum.getValue(), size));
    }
    return String.join(", ", all);
  }

  @Override
  public String place() {
    return files.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  private List<Path> jsonFiles() {
    return files.stream().filter(file -> reading.format(file) == Format.JSON_LINES).toList();
  }

  /** What a file is, by its name. */
  public enum Format {
    PARQUET,
    /** One object a line, or one array of them. */
    JSON_LINES,
    /** Also with tabs between the fields. */
    CSV,
    TEXT,
    OTHER;

    static Format of(Path file) {
      String name = file.getFileName().toString();
      if (name.endsWith(".parquet")) {
        return PARQUET;
      }
      if (name.matches(".*\\.(jsonl|json|ndjson)(\\.gz)?")) {
        return JSON_LINES;
      }
      if (name.matches(".*\\.(csv|tsv)(\\.gz)?")) {
        return CSV;
      }
      return name.matches(".*\\.txt(\\.gz)?") ? TEXT : OTHER;
    }
  }
}
