package aviary.cli;

/**
 * The reader of standard output has ended, as with {@code | head}: the command ends without a
 * message. A {@link java.io.PrintStream} keeps an {@link java.io.IOException} to itself, and
 * commands, and picocli, report exceptions and go on; none of them does so with an error.
 */
final class ReaderGone extends Error {
  private static final long serialVersionUID = 1;

  /** What shells report of a program that a write to such a pipe ends: 128 and SIGPIPE's number. */
  static final int EXIT_CODE = 141;

  ReaderGone() {
    super("standard output is read no more");
  }
}
