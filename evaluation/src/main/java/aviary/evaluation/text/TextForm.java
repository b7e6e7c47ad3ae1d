package aviary.evaluation.text;

import aviary.FileKind;
import aviary.InputException;
import aviary.evaluation.data.JsonValues;
import aviary.text.TextInput;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;

/** What a file of texts is. */
public enum TextForm {
  /** One text, which is all of the file. */
  PLAIN,
  /** An object a line. */
  JSON_LINES,
  /** Columns. */
  PARQUET;

  /** A longer first line is no object that anybody wrote as a document. */
  private static final int LONGEST_LINE = 1 << 26;

  /**
   * Looks at a file.
   *
   * @param field the field that was asked for; null where none was
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
      return json || isDocument(firstLine(text), field) ? JSON_LINES : PLAIN;
    }
  }

  /** Whether a text that was read already is JSON Lines. */
  static boolean isJsonLines(byte[] text, String field) throws IOException {
    return isDocument(firstLine(new ByteArrayInputStream(text)), field);
  }

  /** The first line that is not blank, or nothing if that does not begin as an object does. */
  private static byte[] firstLine(InputStream in) throws IOException {
    int next = in.read();
    while (next == ' ' || next == '\t' || next == '\r' || next == '\n') {
      next = in.read();
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    if (next == '{') {
      while (next >= 0 && next != '\n' && line.size() < LONGEST_LINE) {
        line.write(next);
        next = in.read();
      }
    }
    return line.toByteArray();
  }

  /** A program may begin with an object too, but not with one that has just this field. */
  private static boolean isDocument(byte[] line, String field) {
    if (line.length == 0) {
      return false;
    }
    try {
      return JsonValues.read(line) instanceof Map<?, ?> document
          && document.containsKey(field == null ? TextFile.FIELD : field);
    } catch (JacksonException e) {
      return false;
    }
  }
}
