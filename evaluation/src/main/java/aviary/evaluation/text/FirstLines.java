package aviary.evaluation.text;

import aviary.evaluation.data.JsonValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;

/**
 * Tells JSON Lines from plain text by the first lines. A program may begin with an object too, and
 * a text with lines in braces, but not all their lines are objects.
 */
final class FirstLines {

  /** So many lines, or bytes of whole lines, are enough. */
  private static final int MOST_LINES = 100;

  private static final int MOST_BYTES = 1 << 20;

  /** A longer line is no object that anybody wrote as a document. */
  private static final int LONGEST_LINE = 1 << 26;

  private final InputStream in;
  private int last;

  private FirstLines(InputStream in) {
    this.in = in;
  }

  /**
   * Whether a text is JSON Lines: its first line is an object with the field, or all lines that are
   * looked at are objects. An array of objects counts too.
   *
   * @param in the text, from its beginning; it must support marks
   * @param field of documents
   */
  static boolean areJson(InputStream in, String field) throws IOException {
    in.mark(1);
    int next = in.read();
    while (isBlank(next)) {
      in.mark(1);
      next = in.read();
    }
    in.reset();
    return switch (next) {
      case '[' -> JsonValues.namesOfFirst(in).filter(names -> !names.isEmpty()).isPresent();
      case '{' -> new FirstLines(in).areObjects(field);
      default -> false;
    };
  }

  private boolean areObjects(String field) throws IOException {
    boolean found = false;
    int bytes = 0;
    for (int lines = 0; lines < MOST_LINES && bytes < MOST_BYTES && last >= 0; ) {
      byte[] line = nextLine();
      if (line.length == 0) {
        continue;
      }
      Optional<Set<String>> names = JsonValues.names(line);
      if (names.isEmpty()) {
        // The end may be cut off, as head -c does it.
        return found && last < 0 && line[0] == '{';
      }
      if (lines == 0 && names.get().contains(field)) {
        return true;
      }
      found |= !names.get().isEmpty();
      bytes += line.length;
      lines++;
    }
    return found;
  }

  /** Without its end and blanks before; nothing of a blank line. */
  private byte[] nextLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    last = in.read();
    while (last >= 0 && last != '\n' && line.size() < LONGEST_LINE) {
      if (line.size() > 0 || !isBlank(last)) {
        line.write(last);
      }
      last = in.read();
    }
    return line.toByteArray();
  }

  private static boolean isBlank(int character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
  }
}
