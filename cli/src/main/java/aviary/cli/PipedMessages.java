package aviary.cli;

import aviary.text.TextInput;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Messages from a pipe or a file, a line each. Ctrl-C ends the program, as it does in a pipe. */
final class PipedMessages implements Messages {
  private static final String SOURCE = "stdin";

  private final InputStream pipe;

  /** The pipe from its first message on; null before one was asked for. */
  private InputStream in;

  private long lines;

  PipedMessages(InputStream pipe) {
    this.pipe = pipe;
  }

  /**
   * {@inheritDoc}
   *
   * @throws aviary.InputException if what comes is no UTF-8 text
   */
  @Override
  public String next() throws IOException {
    StringBuilder message = new StringBuilder();
    String line = line();
    if (line == null) {
      return null;
    }
    while (line != null && line.endsWith("\\")) {
      message.append(line, 0, line.length() - 1).append('\n');
      line = line();
    }
    return message.append(line == null ? "" : line).toString();
  }

  /** The next line without its end; null at the end of the input. */
  private String line() throws IOException {
    if (in == null) {
      in = new BufferedInputStream(TextInput.stream(SOURCE, pipe));
    }
    int next = in.read();
    if (next < 0) {
      return null;
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (next >= 0 && next != '\n') {
      line.write(next);
      next = in.read();
    }
    String text = TextInput.text(SOURCE + ", line " + ++lines, line.toByteArray());
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  @Override
  public boolean interrupted() {
    return false;
  }

  @Override
  public void close() throws IOException {
    pipe.close();
  }
}
