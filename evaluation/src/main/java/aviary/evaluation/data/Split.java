package aviary.evaluation.data;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A data set's split on disk.
 *
 * @param files its files, in the order of its documents
 */
public record Split(List<Path> files) {

  /** Copies the list. */
  public Split {
    files = List.copyOf(files);
  }

  /** Reads its documents, file after file. */
  public DocumentReader open() {
    Iterator<Path> left = files.iterator();
    return new DocumentReader() {
      private DocumentReader current;

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

      @Override
      public void close() throws IOException {
        if (current != null) {
          current.close();
          current = null;
        }
      }
    };
  }

  private static DocumentReader reader(Path file) throws IOException {
    return switch (Format.of(file)) {
      case PARQUET -> new ParquetReader(file);
      case JSON_LINES -> new JsonLinesReader(file);
      case OTHER -> throw new InputException(file + ": is neither Parquet nor JSON Lines");
    };
  }

  /** What a file is, by its name. */
  enum Format {
    PARQUET,
    JSON_LINES,
    OTHER;

    static Format of(Path file) {
      String name = file.getFileName().toString();
      if (name.endsWith(".parquet")) {
        return PARQUET;
      }
      return name.matches(".*\\.(jsonl|json|ndjson)(\\.gz)?") ? JSON_LINES : OTHER;
    }
  }
}
