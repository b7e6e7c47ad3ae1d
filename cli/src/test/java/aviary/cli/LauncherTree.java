package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder with the launcher and a few sources, and machines to start it on: a machine is the
 * environment of a process whose {@code PATH} has the programs named and no others. Its Maven and
 * JDKs are scripts that do no work and tell what they were asked.
 */
final class LauncherTree {
  /** What the launcher calls, besides a JDK and Maven; flock only where there is one. */
  private static final List<String> PROGRAMS =
      List.of(
          "bash",
          "cat",
          "cksum",
          "date",
          "dirname",
          "env",
          "find",
          "flock",
          "ln",
          "locale",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sleep",
          "sort");

  /**
   * Writes its words to maven.txt, one a line, and the locale's characters to locale.txt; builds
   * empty archives of the modules that it is asked for.
   */
  private static final String MAVEN =
      """
      #!/usr/bin/env bash
      while (($#)); do
        case $1 in
          --file) root=${2%/pom.xml}; shift ;;
          --projects) modules=$2; shift ;;
          -Dbuild.folder=*) folder=${1#*=} ;;
          -Daviary.commit=*) printf '%s\\n' "$1" >> "$root/maven.txt" ;;
        esac
        shift
      done
      printf 'JAVA_HOME=%s\\n' "$JAVA_HOME" >> "$root/maven.txt"
      printf '%s\\n' "${LC_ALL:-}" >> "$root/locale.txt"
      if [[ $modules == *cli* ]]; then
        mkdir -p "$root/cli/$folder/lib"
        : > "$root/cli/$folder/lib/library.jar"
        if [[ -e $root/broken ]]; then echo '[ERROR] cannot find symbol'; exit 1; fi
        while [[ -e $root/slow ]]; do sleep 0.1; done
        : > "$root/cli/$folder/aviary-cli.jar"
      fi
      if [[ $modules == *kernels-java* ]]; then
        if [[ -e $root/no-kernels ]]; then
          echo '[ERROR] Failed to execute goal on project aviary-kernels: Could not resolve'
          exit 1
        fi
        mkdir -p "$root/kernels-java/$folder"
        : > "$root/kernels-java/$folder/aviary-kernels.jar"
      fi
      """;

  /**
   * Prints its process and its words, one a line, where results go; does JAVA_DOES instead where
   * that is set; and nothing when it is asked to make a cache.
   */
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      results=1
      for word; do
        case $word in
          -XX:AOTCacheOutput=*) : > "${word#*=}"; exit ;;
          init) exit ;;
          -Daviary.stdout=*) results=${word#*=} ;;
        esac
      done
      if [[ -n ${JAVA_DOES:-} ]]; then
        eval "$JAVA_DOES"
      else
        printf '%s\\n' "$0" "$$" "$@" >&"$results"
      fi
      exit "${CODE:-0}"
      """;

  private final Path base;

  /**
   * @param base an empty folder
   */
  LauncherTree(Path base) throws IOException {
    this.base = base;
    Files.createDirectories(root());
    Files.copy(project().resolve("aviary"), launcher());
    write("pom.xml", "<project/>");
    write("cli/pom.xml", "<project/>");
    write("cli/src/main/java/Main.java", "class Main {}");
    write("cli/src/test/java/MainTest.java", "class MainTest {}");
    write("bench/pom.xml", "<project/>");
    write("kernels-java/pom.xml", "<project/>");
  }

  /** The folder of the project that is tested. */
  static Path project() {
    Path root = Path.of("").toAbsolutePath().getParent();
    assertTrue(Files.isExecutable(root.resolve("aviary")), root + " has no launcher");
    return root;
  }

  Path root() {
    return base.resolve("a folder with spaces");
  }

  /** The locale that each Maven ran in, as LC_ALL has it. */
  List<String> localesOfMaven() throws IOException {
    return Files.readAllLines(root().resolve("locale.txt"));
  }

  /** A folder like TornadoVM's, with these lines of options for java. */
  Path tornado(String name, String options) throws IOException {
    Path home = Files.createDirectories(base.resolve(name));
    Files.writeString(home.resolve("tornado-argfile"), options);
    return home;
  }

  Path launcher() {
    return root().resolve("aviary");
  }

  void write(String name, String text) throws IOException {
    Path file = root().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  void delete(String name) throws IOException {
    Files.delete(root().resolve(name));
  }

  /** What the launcher has told Maven. */
  List<String> mavenWasTold() throws IOException {
    Path told = root().resolve("maven.txt");
    return Files.exists(told) ? Files.readAllLines(told) : List.of();
  }

  /** How often the launcher has called Maven. */
  long builds() throws IOException {
    return mavenWasTold().stream().filter(line -> line.startsWith("JAVA_HOME=")).count();
  }

  /** A JDK of a version, in a folder of its own. */
  Path jdk(String version) throws IOException {
    Path home = base.resolve("jdks").resolve(version);
    script(home.resolve("bin/java"), JAVA);
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"%s\"\nOS_ARCH=\"x86_64\"\n".formatted(version));
    return home;
  }

  /** A machine with all that the launcher needs, and a JDK that JAVA_HOME names. */
  Machine machineWithJdk() throws IOException {
    return machine().with("JAVA_HOME", jdk("25.0.3"));
  }

  /** A machine with Maven but without the programs named, on which nothing else is set. */
  Machine machine(String... without) throws IOException {
    List<String> left = new ArrayList<>(PROGRAMS);
    left.removeAll(List.of(without));
    Path bin = Files.createTempDirectory(base, "bin");
    for (String program : left) {
      boolean there = install(program, bin);
      assertTrue(there || program.equals("flock"), program + " is needed by the launcher's tests");
    }
    if (!List.of(without).contains("mvn")) {
      script(bin.resolve("mvn"), MAVEN);
    }
    Map<String, String> environment = new TreeMap<>();
    environment.put("PATH", bin.toString());
    environment.put("HOME", Files.createTempDirectory(base, "home").toString());
    environment.put("LC_ALL", "C.UTF-8");
    return new Machine(bin, environment);
  }

  /** Gives a machine a program of this one, if it is there. */
  static boolean install(String program, Path bin) throws IOException {
    Optional<Path> found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, program))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isPresent()) {
      script(bin.resolve(program), "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(found.get()));
    }
    return found.isPresent();
  }

  /** Makes a program. */
  static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * What a process inherits.
   *
   * @param bin the only folder of its {@code PATH}
   */
  record Machine(Path bin, Map<String, String> environment) {
    Machine with(String name, Object value) {
      Map<String, String> more = new TreeMap<>(environment);
      more.put(name, value.toString());
      return new Machine(bin, more);
    }

    Machine without(String name) {
      Map<String, String> less = new TreeMap<>(environment);
      less.remove(name);
      return new Machine(bin, less);
    }

    /** Starts a command in a folder, its output going to files. */
    Running start(Path folder, List<String> command) throws IOException {
      Path out = Files.createTempFile(bin, "out", ".txt");
      Path err = Files.createTempFile(bin, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      return new Running(builder.start(), out, err);
    }

    /** Runs a launcher, which may be a link, to its end. */
    Ended run(Path launcher, String... words) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of(launcher.toString()));
      command.addAll(List.of(words));
      return start(bin, command).end();
    }
  }

  /** A process, and the files that its output goes to. */
  record Running(Process process, Path out, Path err) {
    /** Waits for its end. */
    Ended end() throws IOException, InterruptedException {
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      String stdout = Files.readString(out);
      String stderr = Files.readString(err);
      assertTrue(ended, "the launcher does not end: " + stdout + stderr);
      return new Ended(process.exitValue(), process.pid(), stdout, stderr);
    }

    /** Waits until stderr has a text. */
    void awaitError(String text) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      while (!error().contains(text)) {
        assertTrue(System.nanoTime() < end, "stderr never says '" + text + "': " + error());
        Thread.sleep(20);
      }
    }

    private String error() {
      try {
        return Files.readString(err);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Ends it and all processes that it has started, without a chance to tidy up. */
    void kill() throws InterruptedException {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      process.destroyForcibly().waitFor();
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** What a process has left. */
  record Ended(int code, long pid, String out, String err) {
    /** The words that the script in place of java was given; before them its path and process. */
    List<String> javaWords() {
      return out.lines().toList();
    }
  }
}
