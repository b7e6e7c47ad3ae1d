package aviary.cli;

import aviary.InputException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/** Takes a file to write, and tells what is wrong with it before a model has run for nothing. */
final class OutputFile implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    Path path = Path.of(value);
    Path folder = path.toAbsolutePath().getParent();
    if (value.isEmpty() || Files.isDirectory(path)) {
      throw new InputException("%s: is a folder; name a file to write".formatted(path));
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new InputException(
          "%s: cannot be written: there is no folder %s".formatted(path, folder));
    }
    return path;
  }

  /**
   * Looks whether a file is there, before another is written in its place.
   *
   * @param path the file to write
   */
  static Earlier earlier(Path path) {
    return new Earlier(path, Files.isRegularFile(path));
  }

  /**
   * What was there.
   *
   * @param there whether it was a file
   */
  record Earlier(Path path, boolean there) {

    /** Says that it has been replaced, if there was something. */
    void tellReplaced(PrintStream err) {
      if (there) {
        err.println("aviary: %s was there already, and has been replaced".formatted(path));
      }
    }
  }
}
