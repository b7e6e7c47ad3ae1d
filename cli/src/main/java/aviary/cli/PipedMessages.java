package aviary.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Messages from a pipe or a file, a line each. Ctrl-C ends the program, as it does in a pipe. */
final class PipedMessages implements Messages {
  private final BufferedReader lines;

  PipedMessages(InputStream in) {
    lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  @Override
  public String next() throws IOException {
    StringBuilder message = new StringBuilder();
    String line = lines.readLine();
    if (line == null) {
      return null;
    }
    while (line != null && line.endsWith("\\")) {
      message.append(line, 0, line.length() - 1).append('\n');
      line = lines.readLine();
    }
    return message.append(line == null ? "" : line).toString();
  }

  @Override
  public boolean interrupted() {
    return false;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
