package aviary.evaluation.position;

import aviary.InputException;
import aviary.evaluation.data.DocumentReader;
import aviary.evaluation.data.Split;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads texts: the column {@code text} of Parquet or JSON Lines, or a text file as one text. */
final class TextReader implements AutoCloseable {
  private static final String COLUMN = "text";

  private final Path file;
  private final DocumentReader documents;
  private boolean read;

  TextReader(Path file) {
    this.file = file;
    documents =
        file.toString().matches(".*\\.(parquet|jsonl|json|ndjson)(\\.gz)?")
            ? new Split(List.of(file)).open()
            : null;
  }

  /** The next text; null behind the last. */
  String next() throws IOException {
    if (documents == null) {
      return whole();
    }
    Map<String, Object> document = documents.next();
    if (document == null) {
      return null;
    }
    if (document.get(COLUMN) instanceof String text) {
      return text;
    }
    throw new InputException(
        "%s: a document has no text in the column %s; it has %s"
            .formatted(file, COLUMN, String.join(", ", document.keySet())));
  }

  private String whole() throws IOException {
    if (read) {
      return null;
    }
    read = true;
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": is not UTF-8 text", e);
    }
  }

  @Override
  public void close() throws IOException {
    if (documents != null) {
      documents.close();
    }
  }
}
