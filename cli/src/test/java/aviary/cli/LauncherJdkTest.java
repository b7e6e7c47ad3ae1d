package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.cli.LauncherTree.Ended;
import aviary.cli.LauncherTree.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which JDK {@code ./aviary} takes. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
class LauncherJdkTest {
  @TempDir private Path base;
  private LauncherTree tree;
  private Machine machine;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LauncherTree(base);
    machine = tree.machine();
  }

  private void assertTakes(Path jdk, Machine machine) throws Exception {
    Ended ended = machine.run(tree.launcher());
    assertEquals(0, ended.code(), ended.err());
    assertEquals(jdk + "/bin/java", ended.javaWords().getFirst());
    assertEquals("JAVA_HOME=" + jdk, tree.mavenWasTold().getLast());
  }

  /**
   * Runs the launcher as if JDKs lay in these folders only, besides those that the machine names.
   */
  private Ended runWithPlaces(Path... places) throws Exception {
    StringBuilder list = new StringBuilder();
    for (Path place : places) {
      list.append('"').append(place).append("\" ");
    }
    String script = "source \"$1\"; usual_places() { places=(%s); }; main".formatted(list);
    List<String> command = List.of("bash", "-c", script, "test", tree.launcher().toString());
    return machine.start(base, command).end();
  }

  @Test
  void theOneNamedForAviaryComesFirst() throws Exception {
    Path named = tree.jdk("26-ea");
    assertTakes(
        named, machine.with("AVIARY_JAVA_HOME", named).with("JAVA_HOME", tree.jdk("25.0.3")));
  }

  @Test
  void javaHomeComesBeforeThePath() throws Exception {
    Path home = tree.jdk("25");
    Files.createSymbolicLink(machine.bin().resolve("java"), tree.jdk("26").resolve("bin/java"));
    assertTakes(home, machine.with("JAVA_HOME", home));
  }

  @Test
  void anOldJavaHomeIsPassedBy() throws Exception {
    Path onPath = tree.jdk("25.0.1");
    Path link = Files.createSymbolicLink(base.resolve("alternative"), onPath.resolve("bin/java"));
    Files.createSymbolicLink(machine.bin().resolve("java"), link);
    assertTakes(onPath, machine.with("JAVA_HOME", tree.jdk("17.0.15")));
  }

  @Test
  void ofTheUsualPlacesTheOldestThatWillDo() throws Exception {
    Path wanted = tree.jdk("25.0.3");
    Ended ended =
        runWithPlaces(
            tree.jdk("27-ea"), tree.jdk("1.8.0_402"), wanted, tree.jdk("26"), tree.jdk("24.0.2"));
    assertEquals(0, ended.code(), ended.err());
    assertEquals(wanted + "/bin/java", ended.javaWords().getFirst());
  }

  @Test
  void withoutAnyOneLineSaysWhichToInstall() throws Exception {
    Path runtimeOnly = tree.jdk("25");
    Files.delete(runtimeOnly.resolve("bin/javac"));
    Ended ended = runWithPlaces(tree.jdk("21.0.5"), runtimeOnly, base.resolve("nothing"));
    assertEquals(1, ended.code());
    assertEquals("", ended.out());
    assertTrue(
        ended.err().matches("aviary: no JDK of version 25 or later found; install one .*\n"),
        ended.err());
    assertEquals(0, tree.builds());
  }

  @Test
  void oneNamedForAviaryThatWillNotDoIsBadInput() throws Exception {
    Path old = tree.jdk("21.0.5");
    Ended ended =
        machine
            .with("JAVA_HOME", tree.jdk("25"))
            .with("AVIARY_JAVA_HOME", old)
            .run(tree.launcher());
    assertEquals(2, ended.code());
    assertEquals(
        "aviary: AVIARY_JAVA_HOME=" + old + " is no JDK of version 25 or later\n", ended.err());
  }
}
