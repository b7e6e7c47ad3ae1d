package aviary.training;

import aviary.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second training out of a folder, whose files it would mix with its own. The system lets
 * go of it when a process ends, however it does.
 */
final class FolderLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  /**
   * @param folder which is there
   * @throws InputException if another has it
   */
  FolderLock(Path folder) throws IOException {
    file = folder.resolve(".lock");
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Another in this process has it.
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new InputException(
          folder + ": another training runs there; stop it first, or name another --output");
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
