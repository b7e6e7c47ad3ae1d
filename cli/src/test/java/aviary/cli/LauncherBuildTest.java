package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.cli.LauncherTree.Ended;
import aviary.cli.LauncherTree.Machine;
import aviary.cli.LauncherTree.Running;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./aviary} with the real Maven, JDK and sources, in a copy of the project. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
class LauncherBuildTest {
  /**
   * A start takes 0.2 s on an idle machine; on a busy one it may take several times that, but not
   * what a build takes.
   */
  private static final double LONGEST_START_SECONDS = 3;

  private static final int STARTS = 5;

  @TempDir private Path base;

  @Test
  void aFreshCopyStartedTwiceAtOnceIsBuiltOnceAndThenStartsQuickly() throws Exception {
    Path launcher = copyProject().resolve("aviary");
    Machine machine = machine();
    List<String> command = List.of(launcher.toString(), "--version");
    Running one = machine.start(base, command);
    Running other = machine.start(base, command);
    List<Ended> ended = List.of(one.end(), other.end());
    for (Ended start : ended) {
      assertEquals(0, start.code(), start.err());
      assertTrue(start.out().matches("aviary \\S+\\R"), start.out());
    }
    assertEquals(1, ended.stream().filter(e -> e.err().contains("aviary: building")).count());

    long[] nanos = new long[STARTS];
    for (int i = 0; i < STARTS; i++) {
      long begin = System.nanoTime();
      Ended start = machine.run(launcher, "--version");
      nanos[i] = System.nanoTime() - begin;
      assertEquals(ended.getFirst().out(), start.out());
      assertEquals("", start.err());
    }
    Arrays.sort(nanos);
    double median = nanos[STARTS / 2] / 1e9;
    System.out.printf("aviary --version, once built: median of %d %.3f s%n", STARTS, median);
    assertTrue(median < LONGEST_START_SECONDS, "a start takes " + median + " s");

    // The JVM refuses to start if it cannot use its cache.
    Ended strict = machine.with("AVIARY_JAVA_OPTS", "-XX:AOTMode=on").run(launcher, "--version");
    assertEquals(0, strict.code(), strict.err());
    // A cache that does not fit, as after the JDK's update, is passed by without a word.
    Files.writeString(startCache(launcher.getParent()), "no cache");
    Ended without = machine.run(launcher, "--version");
    assertEquals(ended.getFirst().out(), without.out());
    assertEquals("", without.err());
  }

  private static Path startCache(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(".aviary"))) {
      return files.filter(file -> file.endsWith("start.aot")).findFirst().orElseThrow();
    }
  }

  /** This process's environment, the Maven and the repository that build us, and our own JDK. */
  private Machine machine() {
    Map<String, String> environment = new TreeMap<>(System.getenv());
    environment.remove("AVIARY_JAVA_OPTS");
    environment.merge(
        "PATH",
        System.getProperty("maven.home") + "/bin",
        (path, maven) -> maven + File.pathSeparator + path);
    environment.put("MAVEN_OPTS", "-Dmaven.repo.local=" + System.getProperty("maven.repo.local"));
    environment.put("AVIARY_JAVA_HOME", System.getProperty("java.home"));
    return new Machine(base, environment);
  }

  /** The launcher and what it builds from. */
  private Path copyProject() throws IOException {
    Path from = LauncherTree.project();
    Path to = Files.createDirectories(base.resolve("a folder with spaces"));
    Files.copy(from.resolve("aviary"), to.resolve("aviary"));
    Files.copy(from.resolve("pom.xml"), to.resolve("pom.xml"));
    try (Stream<Path> modules = Files.list(from)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        Path copy = Files.createDirectories(to.resolve(module.getFileName()));
        Files.copy(module.resolve("pom.xml"), copy.resolve("pom.xml"));
        copySources(module, copy);
      }
    }
    return to;
  }

  private static void copySources(Path from, Path to) throws IOException {
    try (Stream<Path> sources = Files.walk(from.resolve("src/main"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(source));
        Files.createDirectories(copy.getParent());
        Files.copy(source, copy);
      }
    }
  }
}
