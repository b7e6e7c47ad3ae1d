package aviary.safetensors;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps whole files into memory. */
public final class MappedFile {
  private MappedFile() {}

  /**
   * Maps a file, of any length, for reading. Nothing is read before it is used. Whoever shortens
   * the file while it is mapped takes the ground from under its readers; replacing it is safe.
   *
   * @param path the file
   * @param arena how long the mapping lives
   * @return the file's bytes
   * @throws MalformedFileException if it is a folder or a device
   * @throws IOException if it is missing or cannot be read
   */
  public static MemorySegment map(Path path, Arena arena) throws IOException {
    if (Files.isDirectory(path)) {
      throw new MalformedFileException(path, "is a folder; name the file in it");
    }
    if (Files.notExists(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new MalformedFileException(path, "is not a regular file, so it cannot be mapped");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(path.toString(), null, "you may not read this file");
    }
  }
}
