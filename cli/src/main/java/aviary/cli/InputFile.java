package aviary.cli;

import aviary.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/** Takes a file to read from beginning to end. */
final class InputFile implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    Path path = new AnyPath().convert(value);
    if (Files.notExists(path)) {
      throw new InputException(path + ": there is no such file");
    }
    if (Files.isDirectory(path)) {
      throw new InputException(path + ": is a folder; name a file in it");
    }
    return path;
  }
}
