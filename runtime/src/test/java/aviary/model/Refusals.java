package aviary.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.safetensors.MalformedFileException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a model that cannot be used must lead to: one line that names the file. */
final class Refusals {
  private Refusals() {}

  /**
   * @param message what follows the file's name: a regular expression
   */
  static void assertRefused(Path path, String message) {
    assertRefused(path, path, message);
  }

  /**
   * @param named the file that the message names
   */
  static void assertRefused(Path path, Path named, String message) {
    try (Arena arena = Arena.ofConfined()) {
      Exception e = assertThrows(Exception.class, () -> ModelFiles.open(path, arena));
      assertTrue(e instanceof InputException || e instanceof MalformedFileException, e.toString());
      // The dot matches no line's end, so this is one line.
      Pattern wanted = Pattern.compile(Pattern.quote(named + ": ") + message);
      assertTrue(wanted.matcher(e.getMessage()).matches(), e.getMessage());
    }
  }
}
