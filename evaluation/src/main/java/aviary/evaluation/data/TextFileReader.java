package aviary.evaluation.data;

import aviary.InputException;
import aviary.evaluation.data.Reading.Text.Unit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads a text file as documents with the one column {@code text}. Of its lines each is one, also
 * an empty one.
 */
final class TextFileReader implements DocumentReader {

  private final Path file;
  private final Reader in;
  private final Unit unit;
  private final boolean keepLineBreaks;

  /** The character after those that were taken; -1 at the end. */
  private int next;

  /**
   * @param file UTF-8, or that in gzip if its name ends in .gz
   * @param keepLineBreaks whether a line ends with its line break
   */
  TextFileReader(Path file, Unit unit, boolean keepLineBreaks) throws IOException {
    this.file = file;
    this.unit = unit;
    this.keepLineBreaks = keepLineBreaks;
    // A byte order mark stays in the first document: datasets decodes as "utf-8", which keeps it.
    in = new BufferedReader(TextFiles.open(file), 1 << 16);
    try {
      next = read();
    } catch (Throwable e) {
      in.close();
      throw e;
    }
  }

  @Override
  public Map<String, Object> next() throws IOException {
    String text =
        switch (unit) {
          case LINE -> line();
          case PARAGRAPH -> paragraph();
          case DOCUMENT -> next < 0 ? null : whole();
        };
    return text == null ? null : Map.of("text", text);
  }

  /** The next character, where each line ends with a line feed, as Python reads texts. */
  private int read() throws IOException {
    try {
      int c = in.read();
      if (c != '\r') {
        return c;
      }
      in.mark(1);
      if (in.read() != '\n') {
        in.reset();
      }
      return '\n';
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": is not UTF-8 text", e);
    }
  }

  private String line() throws IOException {
    if (next < 0) {
      return null;
    }
    StringBuilder line = new StringBuilder();
    while (next >= 0 && next != '\n') {
      line.append((char) next);
      next = read();
    }
    if (next == '\n') {
      line.append(keepLineBreaks ? "\n" : "");
      next = read();
    }
    return line.toString();
  }

  /** What stands between two line breaks in a row and the next two; none that is empty. */
  private String paragraph() throws IOException {
    StringBuilder text = new StringBuilder();
    while (next >= 0) {
      char c = (char) next;
      next = read();
      if (c == '\n' && next == '\n') {
        next = read();
        if (!text.isEmpty()) {
          return text.toString();
        }
      } else {
        text.append(c);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }

  private String whole() throws IOException {
    StringBuilder text = new StringBuilder();
    while (next >= 0) {
      text.append((char) next);
      next = read();
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
