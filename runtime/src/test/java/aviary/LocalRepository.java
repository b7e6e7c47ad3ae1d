package aviary;

import aviary.engine.Engine;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A local repository of Maven for a test: all that the user's has, by links, and the library as
 * {@code mvn install} would put it there.
 */
final class LocalRepository implements AutoCloseable {
  private static final String VERSION = "0.1.0-SNAPSHOT";

  private final Path folder;

  /**
   * Makes it.
   *
   * @param folder where it goes
   * @param root the folder of this project's parent
   */
  LocalRepository(Path folder, Path root) throws IOException, URISyntaxException {
    this.folder = folder;
    Path users = users();
    Path at = folder;
    // Links to all but what is on the way to the project's own folder.
    for (Path step : List.of(Path.of("io"), Path.of("github"), Path.of("aviary"))) {
      Files.createDirectories(at);
      if (Files.isDirectory(users)) {
        link(users, at, step);
      }
      users = users.resolve(step);
      at = at.resolve(step);
    }
    install(at, "aviary-parent", root.resolve("pom.xml"));
    install(at, "aviary-runtime", root.resolve("runtime/pom.xml"));
    jar(
        at.resolve("aviary-runtime")
            .resolve(VERSION)
            .resolve("aviary-runtime-" + VERSION + ".jar"));
  }

  private static Path users() {
    return Path.of(
        System.getProperty(
            "aviary.test.repository", System.getProperty("user.home") + "/.m2/repository"));
  }

  /** Whether the user's has an artifact's archive, as once Maven has used it as a plugin. */
  static boolean has(String group, String artifact, String version) {
    return Files.exists(
        users()
            .resolve(group.replace('.', '/'))
            .resolve(artifact)
            .resolve(version)
            .resolve("%s-%s.jar".formatted(artifact, version)));
  }

  /** Deletes it, and of what it links to nothing. */
  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path entry : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }

  private static void link(Path from, Path to, Path except) throws IOException {
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        if (!entry.getFileName().equals(except)) {
          Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
        }
      }
    }
  }

  private static void install(Path group, String artifact, Path pom) throws IOException {
    Path folder = Files.createDirectories(group.resolve(artifact).resolve(VERSION));
    Files.copy(pom, folder.resolve(artifact + "-" + VERSION + ".pom"));
  }

  /** Of the library's classes, which may be in a jar already. */
  private static void jar(Path file) throws IOException, URISyntaxException {
    Path classes =
        Path.of(Engine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isRegularFile(classes)) {
      Files.copy(classes, file);
      return;
    }
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> entries = Files.walk(classes)) {
      for (Path entry : entries.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(entry).toString().replace('\\', '/')));
        Files.copy(entry, jar);
        jar.closeEntry();
      }
    }
  }
}
