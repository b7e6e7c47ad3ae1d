package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What came of a command line.
 *
 * @param code the exit code
 * @param out what went to stdout
 * @param err what went to stderr
 */
record Run(int code, String out, String err) {

  /** Runs a command line on an empty input. */
  static Run of(String... args) {
    return withInput(new byte[0], args);
  }

  static Run withInput(String input, String... args) {
    return withInput(input.getBytes(StandardCharsets.UTF_8), args);
  }

  static Run withInput(byte[] input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new ByteArrayInputStream(input),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Fails unless all went well. */
  Run ok() {
    assertEquals(0, code, err);
    return this;
  }

  /** Fails unless this is bad input, told in one line, with nothing else done. */
  void assertRefused(String message) {
    assertFails(Failure.BAD_INPUT, message);
  }

  /**
   * Fails unless all that came of it is the code and one line.
   *
   * @param message a regular expression
   */
  void assertFails(int expectedCode, String message) {
    assertEquals(expectedCode, code, err);
    assertEquals("", out);
    // The dot matches no line's end, so this is one line.
    assertTrue(err.matches("aviary: " + message + "\\R"), err);
  }
}
