package aviary.cli;

import java.io.IOException;

/** Where the messages of a conversation come from. */
interface Messages extends AutoCloseable {

  /**
   * The next message. A line that ends in a backslash goes on in the next, with a line's end in the
   * backslash's place.
   *
   * @return null at the end
   */
  String next() throws IOException;

  /** Whether, since {@link #next}, the user has asked to stop the answer. */
  boolean interrupted();

  @Override
  void close() throws IOException;
}
