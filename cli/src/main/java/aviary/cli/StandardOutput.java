package aviary.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Standard output that remembers why it could not be written. A {@link java.io.PrintStream} on top
 * of it forgets the reason, and a result that went nowhere (a full disk) must not end with code 0.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream target;
  private IOException failure;

  /**
   * @param target the bytes' way out of the process
   */
  StandardOutput(OutputStream target) {
    this.target = new BufferedOutputStream(target, 1 << 16);
  }

  /** The first failure to write, in one line that says so; or null. */
  IOException failure() {
    return failure;
  }

  @Override
  public void write(int b) throws IOException {
    attempt(() -> target.write(b));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    attempt(() -> target.write(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    attempt(target::flush);
  }

  private void attempt(Writing writing) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      writing.run();
    } catch (IOException e) {
      failure = new IOException("standard output cannot be written: " + e.getMessage(), e);
      throw failure;
    }
  }

  private interface Writing {
    void run() throws IOException;
  }
}
