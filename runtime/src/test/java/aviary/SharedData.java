package aviary;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sample data that is no part of the project; tests that use it are skipped where it is missing.
 */
public final class SharedData {
  private SharedData() {}

  /**
   * A file of the folder that the property {@code aviary.shared} names, or of a folder {@code
   * shared} above this one.
   */
  public static Path file(String name) {
    String property = System.getProperty("aviary.shared");
    Path folder = property == null ? null : Path.of(property);
    for (Path at = Path.of("").toAbsolutePath();
        folder == null && at != null;
        at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared"))) {
        folder = at.resolve("shared");
      }
    }
    assumeTrue(folder != null, "no sample data: name their folder with -Daviary.shared=FOLDER");
    Path file = folder.resolve(name);
    assumeTrue(Files.exists(file), "no sample data: " + file + " is missing");
    return file;
  }
}
