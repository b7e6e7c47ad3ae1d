package aviary.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that is not what it claims to be. The message is one line: the file, what is wrong in it,
 * and what to do. Whatever names the file brought along, the message stays one printable line of
 * bounded length.
 */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Long enough for any honest message; a hostile file may hold names of megabytes. */
  private static final int LONGEST_MESSAGE = 1000;

  /**
   * @param file the file that is wrong
   * @param problem what is wrong, and what to do where that is known
   */
  public MalformedFileException(Path file, String problem) {
    super(oneLine(file + ": " + problem));
  }

  /**
   * @param file the file that is wrong
   * @param problem what is wrong, and what to do where that is known
   * @param cause what a library said of it
   */
  public MalformedFileException(Path file, String problem, Throwable cause) {
    super(oneLine(file + ": " + problem), cause);
  }

  private static String oneLine(String message) {
    int keep = LONGEST_MESSAGE / 2;
    String bounded =
        message.length() <= LONGEST_MESSAGE
            ? message
            : message.substring(0, keep) + " ... " + message.substring(message.length() - keep);
    StringBuilder line = new StringBuilder(bounded.length());
    bounded
        .codePoints()
        .forEach(c -> {
          if (isPrintable(c)) {
            line.appendCodePoint(c);
          } else {
            line.append("\\u{").append(Integer.toHexString(c)).append('}');
          }
        });
    return line.toString();
  }

  private static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
