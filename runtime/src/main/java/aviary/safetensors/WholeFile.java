package aviary.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a file whole or not at all: under a temporary name beside the target, forced to the disk,
 * then moved into place in one step. What stood there before stays until then, also for those who
 * have it mapped. Devices and pipes are written to directly.
 */
public final class WholeFile {

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * @param out takes all that it is given at each call
     */
    void writeTo(WritableByteChannel out) throws IOException;
  }

  private WholeFile() {}

  /**
   * Writes a file.
   *
   * @param target the file; replaced if it is there
   * @param content all of its bytes
   * @throws IOException if it cannot be written: one line that names the target
   */
  public static void write(Path target, byte[] content) throws IOException {
    write(target, out -> out.write(ByteBuffer.wrap(content)));
  }

  /**
   * Writes a file.
   *
   * @param target the file; replaced if it is there
   * @param content what to write
   * @throws IOException if it cannot be written: one line that names the target; or what {@code
   *     content} threw
   */
  public static void write(Path target, Content content) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": is a folder; name a file to write");
    }
    if (isDevice(target)) {
      try (FileChannel channel = open(target, target, StandardOpenOption.WRITE)) {
        content.writeTo(new Sink(target, channel));
      }
      return;
    }
    // A link is followed, so that the file behind it is replaced and not the link.
    Path file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
    String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path temporary = file.resolveSibling(".writing-" + random + ".tmp");
    // Unlike finally, the hook also runs when the program is interrupted from the terminal.
    Thread cleaner = new Thread(() -> delete(temporary));
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      writeTemporary(target, temporary, content);
      move(target, temporary, file);
    } finally {
      delete(temporary);
      removeHook(cleaner);
    }
  }

  private static void writeTemporary(Path target, Path temporary, Content content)
      throws IOException {
    try (FileChannel channel =
        open(target, temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      content.writeTo(new Sink(target, channel));
      try {
        channel.force(true);
      } catch (IOException e) {
        throw cannotWrite(target, e);
      }
    }
  }

  /** What is written to as it is: it has no content that a new file could replace. */
  private static boolean isDevice(Path target) {
    Path absolute = target.toAbsolutePath().normalize();
    return Files.exists(target) && !Files.isRegularFile(target)
        || absolute.startsWith("/dev/fd")
        || absolute.startsWith("/dev/stdout")
        || absolute.startsWith("/dev/stderr")
        || absolute.startsWith("/proc");
  }

  private static FileChannel open(Path target, Path file, StandardOpenOption... options)
      throws IOException {
    try {
      return FileChannel.open(file, options);
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
  }

  private static void move(Path target, Path temporary, Path file) throws IOException {
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
  }

  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Nothing depends on it, and the cause of a failed write is worth more than this.
    }
  }

  private static void removeHook(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The program is already ending, and the hook has run or is about to.
    }
  }

  private static IOException cannotWrite(Path target, IOException e) {
    String reason =
        switch (e) {
          case NoSuchFileException _ -> "its folder does not exist";
          case AccessDeniedException _ -> "you may not write there";
          case ClosedByInterruptException _ -> "interrupted";
          case FileSystemException f when f.getReason() != null -> f.getReason();
          default -> e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
        };
    return new IOException(target + ": cannot be written: " + reason, e);
  }

  /** Writes all of what it is given, and names the target when that fails. */
  private record Sink(Path target, FileChannel channel) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        throw cannotWrite(target, e);
      }
      return count;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
