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
   * Says that a file is there and will be replaced, which it is when the new one is whole.
   *
   * @param path the file to write
   */
  static void announce(Path path, PrintStream err) {
    if (Files.isRegularFile(path)) {
      err.println("aviary: %s is there already, and will be replaced".formatted(path));
    }
  }
}
