package aviary.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it claims to be. The message is one line: the file, what is wrong in it, and what to do. */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file the file that is wrong
   * @param problem what is wrong, and what to do where that is known
   */
  public MalformedFileException(Path file, String problem) {
    super(file + ": " + problem);
  }

  /**
   * @param file the file that is wrong
   * @param problem what is wrong, and what to do where that is known
   * @param cause what a library said of it
   */
  public MalformedFileException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
