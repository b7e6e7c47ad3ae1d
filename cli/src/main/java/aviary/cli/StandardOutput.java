package aviary.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/**
 * Standard output that remembers why it could not be written. A {@link java.io.PrintStream} on top
 * of it forgets the reason, and a result that went nowhere (a full disk) must not end with code 0.
 */
final class StandardOutput extends OutputStream {
  /**
   * The descriptor that the launcher has put stdout on; without it stdout is where it usually is.
   */
  private static final String DESCRIPTOR = "aviary.stdout";

  private final OutputStream target;
  private IOException failure;
  private boolean readerGone;

  /**
   * @param target the bytes' way out of the process
   */
  StandardOutput(OutputStream target) {
    this.target = new BufferedOutputStream(target, 1 << 16);
  }

  /**
   * This process's standard output. Descriptor 1 is stderr where the launcher has started it, as
   * native libraries write messages to 1, of which Java knows nothing: results have another. It is
   * used as it is: opened again by its name in {@code /dev/fd}, a file would be written from its
   * beginning, and a socket not at all.
   */
  static OutputStream ofProcess() {
    Integer descriptor = Integer.getInteger(DESCRIPTOR);
    if (descriptor == null) {
      return new FileOutputStream(FileDescriptor.out);
    }
    try {
      Constructor<FileDescriptor> constructor =
          FileDescriptor.class.getDeclaredConstructor(int.class);
      constructor.setAccessible(true);
      return new FileOutputStream(constructor.newInstance(descriptor));
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException(
          "-D%s needs --add-opens=java.base/java.io=ALL-UNNAMED".formatted(DESCRIPTOR), e);
    }
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

  /**
   * @throws ReaderGone if its reader has ended
   */
  private void attempt(Writing writing) throws IOException {
    if (readerGone) {
      throw new ReaderGone();
    }
    if (failure != null) {
      throw failure;
    }
    try {
      writing.run();
    } catch (IOException e) {
      if (isOfBrokenPipe(e)) {
        readerGone = true;
        throw new ReaderGone();
      }
      failure = new IOException("standard output cannot be written: " + e.getMessage(), e);
      throw failure;
    }
  }

  /**
   * Java has no exception for a pipe whose reader has ended, and the message is the system's, in
   * the user's language: so it is compared with that of such a pipe.
   */
  private static boolean isOfBrokenPipe(IOException failure) {
    try {
      Pipe pipe = Pipe.open();
      pipe.source().close();
      try (Pipe.SinkChannel sink = pipe.sink()) {
        sink.write(ByteBuffer.allocate(1));
        return false;
      }
    } catch (IOException e) {
      return e.getMessage() != null && e.getMessage().equals(failure.getMessage());
    }
  }

  private interface Writing {
    void run() throws IOException;
  }
}
