package aviary.evaluation.text;

import aviary.FileKind;
import aviary.InputException;
import aviary.text.TextInput;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a file of texts is. */
public enum TextForm {
  /** One text, which is all of the file. */
  PLAIN,
  /** An object a line. */
  JSON_LINES,
  /** Columns. */
  PARQUET;

  /**
   * Looks at a file.
   *
   * @param field of documents
   * @throws InputException if it is none of these, by its first bytes
   * @throws IOException if it cannot be read
   */
  static TextForm of(Path file, String field) throws IOException {
    String name = file.getFileName().toString();
    boolean json = name.matches(".*\\.(jsonl|json|ndjson)(\\.gz)?");
    if (!Files.isRegularFile(file)) {
      return PLAIN; // A pipe can be read only once.
    }
    FileKind.Format format = FileKind.of(file).format();
    if (format == FileKind.Format.PARQUET || name.endsWith(".parquet")) {
      return PARQUET;
    }
    if (json && name.endsWith(".gz") && format == FileKind.Format.GZIP) {
      return JSON_LINES;
    }
    try (InputStream in = Files.newInputStream(file);
        InputStream text =
            new BufferedInputStream(TextInput.stream(file.toString(), in), 1 << 16)) {
      return json || FirstLines.areJson(text, field) ? JSON_LINES : PLAIN;
    }
  }

  /** Whether a text that was read already is JSON Lines. */
  static boolean isJsonLines(byte[] text, String field) throws IOException {
    return FirstLines.areJson(new ByteArrayInputStream(text), field);
  }
}
