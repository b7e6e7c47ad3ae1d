package aviary.cli;

import aviary.InputException;
import aviary.engine.DeviceException;
import aviary.safetensors.MalformedFileException;
import aviary.training.TrainingFailure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;

/**
 * What the user is told of an exception.
 *
 * @param exitCode {@link #BAD_INPUT} or {@link #FAILED}, or {@link ReaderGone#EXIT_CODE}, of which
 *     nothing is said
 * @param message one line: what is wrong, where, and what to do
 */
record Failure(int exitCode, String message) {
  /** What the user gave cannot be used. */
  static final int BAD_INPUT = 2;

  /** The input was fine; doing the work failed. */
  static final int FAILED = 1;

  /** What to say of {@code e}, and which code to exit with. */
  static Failure of(Throwable e) {
    Failure failure =
        switch (e) {
          case UncheckedIOException wrapper -> of(wrapper.getCause());
          case ExecutionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
          case CompletionException wrapper when wrapper.getCause() != null ->
              of(wrapper.getCause());
          case CommandLine.ExecutionException wrapper when wrapper.getCause() != null ->
              of(wrapper.getCause());
          case CommandLine.ParameterException bad when given(bad.getCause()) -> of(bad.getCause());
          case ReaderGone gone -> new Failure(ReaderGone.EXIT_CODE, gone.getMessage());
          case InputException bad -> new Failure(BAD_INPUT, bad.getMessage());
          case MalformedFileException bad -> new Failure(BAD_INPUT, bad.getMessage());
          case CommandLine.ParameterException bad ->
              new Failure(BAD_INPUT, bad.getMessage().replaceFirst("^Error: ", ""));
          case NoSuchFileException bad ->
              new Failure(BAD_INPUT, bad.getFile() + ": no such file or folder");
          case FileNotFoundException bad -> new Failure(BAD_INPUT, bad.getMessage());
          case NotDirectoryException bad -> new Failure(BAD_INPUT, bad.getFile() + ": no folder");
          case AccessDeniedException bad ->
              new Failure(FAILED, bad.getFile() + ": permission denied");
          case FileAlreadyExistsException bad ->
              new Failure(FAILED, bad.getFile() + ": exists already");
          case TrainingFailure bad -> new Failure(FAILED, bad.getMessage());
          case DeviceException bad -> new Failure(FAILED, bad.getMessage());
          case IOException bad when bad.getMessage() != null ->
              new Failure(FAILED, bad.getMessage());
          case OutOfMemoryError bad ->
              new Failure(
                  FAILED,
                  "out of memory ("
                      + bad.getMessage()
                      + "); AVIARY_JAVA_OPTS=-Xmx8g gives the JVM more, for example");
          default -> new Failure(FAILED, "failed: " + e + " (--verbose shows where)");
        };
    return new Failure(failure.exitCode, oneLine(failure.message));
  }

  /** An option's converter may throw what it wants to say itself; picocli would wrap it up. */
  private static boolean given(Throwable cause) {
    return cause instanceof InputException || cause instanceof MalformedFileException;
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
