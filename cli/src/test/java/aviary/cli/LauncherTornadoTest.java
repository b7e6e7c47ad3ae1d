package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import aviary.cli.LauncherTree.Ended;
import aviary.cli.LauncherTree.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ./aviary} does with TornadoVM and its absence; Maven and java are scripts here. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherTornadoTest {
  private static final String MISSING = "-Daviary.tornado.missing=";
  private static final String BUILDING_KERNELS =
      "aviary: building the kernels for TornadoVM (only once)\n";

  @TempDir private Path base;
  private LauncherTree tree;
  private Machine machine;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LauncherTree(base);
    machine = tree.machineWithJdk();
  }

  private Machine withTornado(String name) throws IOException {
    return machine.with("TORNADOVM_HOME", tree.tornado(name, "-Dplace=" + name + "\n"));
  }

  private Ended runOnDevice(Machine on) throws Exception {
    return on.run(tree.launcher(), "generate", "--device", "tornado:0:0");
  }

  private static boolean hasKernels(Ended ended) {
    List<String> words = ended.javaWords();
    return words.get(words.indexOf("-classpath") + 1).contains("/aviary-kernels.jar");
  }

  private static List<String> missing(Ended ended) {
    return ended.javaWords().stream().filter(word -> word.startsWith(MISSING)).toList();
  }

  @Test
  void itsOptionsAreThoseOfItsFile() throws Exception {
    Path home =
        tree.tornado(
            "Tornado VM",
            """
            # Memory
            -server -XX:+EnableJVMCI
            "-Djava.library.path=/a folder/lib"  # where it is

            --module-path .:/opt/tornado
            --add-modules ALL-SYSTEM,tornado.runtime
              '--add-opens=java.base/java.lang=tornado#x'\
            """);
    Ended ended = runOnDevice(machine.with("TORNADOVM_HOME", home));
    List<String> words = ended.javaWords();
    int first = words.indexOf("-server");
    assertEquals(
        List.of(
            "-server",
            "-XX:+EnableJVMCI",
            "-Djava.library.path=/a folder/lib",
            "--module-path",
            "/opt/tornado",
            "--add-modules",
            "tornado.runtime",
            "--add-opens=java.base/java.lang=tornado#x"),
        words.subList(first, first + 8));
    assertTrue(hasKernels(ended), words.toString());
    assertTrue(words.stream().noneMatch(word -> word.startsWith("-XX:AOTCache")));
  }

  @Test
  void whatDoesNotNeedItStartsWithoutIt() throws Exception {
    Ended ended = withTornado("tornado").run(tree.launcher(), "generate", "--device", "cpu");
    assertFalse(hasKernels(ended));
    assertFalse(ended.javaWords().contains("-Dplace=tornado"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench|-dev|tornado:0:0",
        "bench|-dev=tornado:0:0",
        "bench|-dev|cpu,tornado:0:0",
        "generate|--device|tornado",
        "generate|--device=cpu,tornado:1:0",
        "bench|--device|cpu|--device|tornado:0:0|Once",
        "devices",
        "--verbose|devices"
      })
  void aDeviceOptionAsksForIt(String words) throws Exception {
    assertTrue(hasKernels(withTornado("tornado").run(tree.launcher(), words.split("\\|"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate|A tornado:0:0 came",
        "generate|--device|cpu|tornado:0:0",
        "generate|a --device tornado:0:0 b",
        "generate|--|--device=tornado:0:0",
        "generate|my devices are",
        "generate|devices",
        "bench|-m|tornado:0:0"
      })
  void noOtherWordAsksForIt(String words) throws Exception {
    assertFalse(hasKernels(withTornado("tornado").run(tree.launcher(), words.split("\\|"))));
  }

  @Test
  void oneBuildServesUsersWithAndWithoutIt() throws Exception {
    Path sdkman = base.resolve("user/.sdkman");
    tree.tornado("user/.sdkman/candidates/tornadovm/current", "-Dplace=sdkman\n");
    List<Machine> users =
        List.of(
            machine,
            withTornado("one"),
            machine.with("HOME", sdkman.getParent()),
            withTornado("other"),
            machine.with("SDKMAN_DIR", sdkman),
            machine);
    List<String> places =
        List.of("", "-Dplace=one", "-Dplace=sdkman", "-Dplace=other", "-Dplace=sdkman", "");
    for (int i = 0; i < users.size(); i++) {
      Ended ended = runOnDevice(users.get(i));
      assertEquals(i == 0, ended.err().contains("building"), ended.err());
      assertEquals(
          places.get(i),
          ended.javaWords().stream()
              .filter(word -> word.startsWith("-Dplace"))
              .findFirst()
              .orElse(""));
      assertEquals(!places.get(i).isEmpty(), hasKernels(ended));
      assertEquals(List.of(), missing(ended));
    }
    assertEquals(1, tree.builds());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void kernelsThatCouldNotBeBuiltAreAddedOnceTheyAreWantedAndCanBe(boolean whoBuildsHasIt)
      throws Exception {
    tree.write("no-kernels", "");
    Machine withIt = withTornado("tornado");
    Ended first = (whoBuildsHasIt ? withIt : machine).run(tree.launcher(), "--version");
    assertEquals(0, first.code());
    assertFalse(first.err().contains("kernels"), first.err());

    Ended failed = runOnDevice(withIt);
    assertEquals(
        BUILDING_KERNELS
            + "[ERROR] Failed to execute goal on project aviary-kernels: Could not resolve\n",
        failed.err());
    String why = missing(failed).getFirst();
    assertTrue(
        why.contains(
            "could not be built: Failed to execute goal on project aviary-kernels: Could not"
                + " resolve; "),
        why);
    assertFalse(hasKernels(failed));
    assertEquals(0, withIt.run(tree.launcher(), "--version").code());

    Ended again = runOnDevice(withIt);
    assertEquals("", again.err(), "it is not tried at each start");
    assertEquals(List.of(why), missing(again));
    assertEquals(2, tree.builds());

    Files.delete(Path.of(why.substring(why.indexOf("delete ") + "delete ".length())));
    tree.delete("no-kernels");
    assertEquals("", withIt.run(tree.launcher(), "generate", "--device", "cpu").err());
    Ended added = runOnDevice(withIt);
    assertEquals(BUILDING_KERNELS, added.err());
    assertTrue(hasKernels(added));
    assertEquals("", runOnDevice(withIt).err());
    assertEquals(3, tree.builds());
  }

  @Test
  void ofUsersWhoWantTheKernelsAtOnceOneBuildsThem() throws Exception {
    tree.write("no-kernels", "");
    machine.run(tree.launcher());
    tree.delete("no-kernels");
    List<String> command = List.of(tree.launcher().toString(), "devices");
    List<LauncherTree.Running> starts =
        List.of(withTornado("one").start(base, command), withTornado("other").start(base, command));
    for (LauncherTree.Running start : starts) {
      assertTrue(hasKernels(start.end()));
    }
    assertEquals(2, tree.builds());
  }

  @Test
  void withoutMavenItSaysWhatToInstall() throws Exception {
    tree.write("no-kernels", "");
    machine.run(tree.launcher());
    Files.delete(machine.bin().resolve("mvn"));
    Ended ended = runOnDevice(withTornado("tornado"));
    assertEquals("", ended.err());
    assertTrue(missing(ended).getFirst().endsWith("install Maven 3.8 or later"), ended.out());
  }

  @Test
  void anInstallationThatCannotBeWrittenServesBothOnceItIsBuilt() throws Exception {
    machine.run(tree.launcher());
    makeReadOnly();
    try {
      assertTrue(hasKernels(runOnDevice(withTornado("tornado"))));
      assertEquals("", machine.run(tree.launcher(), "--version").err());
    } finally {
      makeWritable();
    }
  }

  @Test
  void whereTheKernelsCannotBeAddedTheOtherDevicesWork() throws Exception {
    tree.write("no-kernels", "");
    machine.run(tree.launcher());
    makeReadOnly();
    try {
      Machine withIt = withTornado("tornado");
      Ended onDevice = runOnDevice(withIt);
      assertEquals("", onDevice.err());
      assertTrue(
          missing(onDevice)
              .getFirst()
              .endsWith("builds them with: " + tree.launcher() + " devices"),
          onDevice.out());
      assertEquals(0, withIt.run(tree.launcher(), "generate", "--device", "cpu").code());
    } finally {
      makeWritable();
    }
  }

  private void makeReadOnly() throws IOException {
    setPermissions("r-xr-xr-x");
    assumeFalse(Files.isWritable(tree.root()), "a superuser writes everywhere");
  }

  private void makeWritable() throws IOException {
    setPermissions("rwxr-xr-x");
  }

  private void setPermissions(String permissions) throws IOException {
    try (Stream<Path> files = Files.walk(tree.root())) {
      for (Path folder : files.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
      }
    }
  }

  @Test
  void aFolderThatIsNoTornadoVmIsNamedWhereItIsWanted() throws Exception {
    Machine wrong = machine.with("TORNADOVM_HOME", base.resolve("nothing"));
    wrong.run(tree.launcher());
    assertEquals("", wrong.run(tree.launcher(), "generate").err());
    Ended ended = runOnDevice(wrong);
    assertEquals(
        List.of(
            MISSING
                + "TORNADOVM_HOME=%s is no TornadoVM: it has no file tornado-argfile"
                    .formatted(base.resolve("nothing"))),
        missing(ended));
  }
}
