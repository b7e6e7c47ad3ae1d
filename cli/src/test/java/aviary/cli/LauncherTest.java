package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.cli.LauncherTree.Ended;
import aviary.cli.LauncherTree.Machine;
import aviary.cli.LauncherTree.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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

/** What {@code ./aviary} does around the JVM and Maven, which are scripts here. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherTest {
  private static final String BUILDING =
      "aviary: building (only at the first start, and when sources have changed)\n";

  @TempDir private Path base;
  private LauncherTree tree;
  private Path jdk;
  private Machine machine;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LauncherTree(base);
    jdk = tree.jdk("25.0.3");
    machine = tree.machine().with("JAVA_HOME", jdk);
  }

  private Ended run(String... words) throws IOException, InterruptedException {
    return machine.run(tree.launcher(), words);
  }

  private Running start() throws IOException {
    return machine.start(base, List.of(tree.launcher().toString()));
  }

  @Test
  void buildsAtTheFirstStartOnlyAndSaysSoInOneLine() throws Exception {
    assertEquals(BUILDING, run().err());
    assertEquals("", run().err());
    assertEquals(1, tree.builds());
  }

  @Test
  void becomesTheJvmWithTheWordsAsTheyAreGiven() throws Exception {
    String[] words = {"generate", "two words", "", "*", "'\"$HOME\\", "--", "日本"};
    run();
    Ended ended = machine.with("CODE", 7).run(tree.launcher(), words);
    assertEquals(7, ended.code());
    List<String> said = ended.javaWords();
    assertEquals(jdk + "/bin/java", said.get(0));
    assertEquals(String.valueOf(ended.pid()), said.get(1));
    int main = said.indexOf("aviary.cli.Main");
    assertEquals(List.of(words), said.subList(main + 1, said.size()));
  }

  @Test
  void theClassPathIsTheBuildsArchives() throws Exception {
    List<String> said = run().javaWords();
    List<Path> path =
        Stream.of(said.get(said.indexOf("-classpath") + 1).split(":")).map(Path::of).toList();
    assertEquals(
        List.of("aviary-cli.jar", "library.jar"),
        path.stream().map(p -> p.getFileName().toString()).toList());
    assertTrue(path.stream().allMatch(Files::exists), path.toString());
    assertTrue(said.stream().anyMatch(word -> word.startsWith("-XX:AOTCache=")), said.toString());
  }

  @Test
  void startsThroughLinksFromAnotherFolder() throws Exception {
    Path folder = Files.createDirectories(base.resolve("else where"));
    Path direct = Files.createSymbolicLink(folder.resolve("direct"), tree.launcher());
    Files.createSymbolicLink(folder.resolve("again"), Path.of("direct"));
    Files.createSymbolicLink(folder.resolve("root"), tree.root());
    assertEquals(0, machine.run(direct).code());
    assertEquals(0, machine.start(folder, List.of("./again")).end().code());
    assertEquals(0, machine.start(folder, List.of("root/aviary")).end().code());
    assertEquals(0, machine.start(tree.root(), List.of("bash", "aviary")).end().code());
    assertEquals(1, tree.builds());
  }

  @Test
  void buildsAgainWhenASourceChangesComesOrGoes() throws Exception {
    run();
    tree.write("cli/src/main/java/Main.java", "class Main { }");
    assertEquals(BUILDING, run().err());
    tree.write("cli/src/main/resources/version.txt", "1");
    assertEquals(BUILDING, run().err());
    tree.write("bench/pom.xml", "<project></project>");
    assertEquals(BUILDING, run().err());
    tree.delete("cli/src/main/resources/version.txt");
    assertEquals(BUILDING, run().err());
    tree.write("aviary", Files.readString(tree.launcher()) + "\n");
    assertEquals(BUILDING, run().err());
    assertEquals("", run().err());
  }

  @Test
  void buildsNothingForFilesThatABuildDoesNotRead() throws Exception {
    run();
    tree.write("cli/src/test/java/MainTest.java", "class MainTest { }");
    tree.write("README.md", "Read me");
    tree.write("cli/target/classes/Main.class", "");
    tree.write("cli/src/main/java/.Main.java.swp", "");
    Files.setLastModifiedTime(
        tree.root().resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
    assertEquals("", run().err());
    assertEquals(1, tree.builds());
  }

  @Test
  void aFailedBuildShowsWhatMavenSaysAndCountsForNothing() throws Exception {
    tree.write("broken", "");
    Ended failed = run();
    assertEquals(1, failed.code());
    assertEquals("", failed.out());
    assertEquals(
        BUILDING
            + "[ERROR] cannot find symbol\n"
            + "aviary: the build failed; what Maven says of it is above\n",
        failed.err());
    tree.delete("broken");
    assertEquals(BUILDING, run().err());
  }

  @Test
  void aFailedBuildLeavesTheLastOneForTheSourcesOfThatOne() throws Exception {
    run();
    tree.write("broken", "");
    tree.write("cli/src/main/java/Main.java", "class Main {");
    assertEquals(1, run().code());
    tree.write("cli/src/main/java/Main.java", "class Main {}");
    assertEquals("", run().err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "flock"})
  void aBuildThatIsKilledCountsForNothing(String missing) throws Exception {
    machine = tree.machine(missing).with("JAVA_HOME", jdk);
    tree.write("slow", "");
    Running killed = start();
    killed.awaitError("building");
    while (tree.builds() == 0) {
      Thread.sleep(20);
    }
    killed.kill();
    tree.delete("slow");
    Ended next = run();
    assertEquals(0, next.code());
    // What the killed Maven had started may hold the lock a moment longer.
    assertTrue(next.err().endsWith(BUILDING), next.err());
    assertEquals(2, tree.builds());
  }

  @Test
  void aBuildThatIsInterruptedSaysSo() throws Exception {
    InterruptTest.assumeSignalsArrive();
    tree.write("slow", "");
    Running stopped = start();
    stopped.awaitError("building");
    while (tree.builds() == 0) {
      Thread.sleep(20);
    }
    InterruptTest.interrupt(stopped.process().pid());
    tree.delete("slow");
    Ended ended = stopped.end();
    assertEquals(130, ended.code());
    assertEquals(BUILDING + "aviary: stopped while building\n", ended.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "flock"})
  void ofLaunchersStartedTogetherOneBuildsAndTheOthersWait(String missing) throws Exception {
    machine = tree.machine(missing).with("JAVA_HOME", jdk);
    tree.write("slow", "");
    Running first = start();
    first.awaitError("building");
    List<Running> others = List.of(start(), start());
    for (Running other : others) {
      other.awaitError("aviary: waiting for another aviary that builds\n");
    }
    tree.delete("slow");
    assertEquals(0, first.end().code());
    for (Running other : others) {
      assertEquals(0, other.end().code());
    }
    assertEquals(1, tree.builds());
  }

  @Test
  void aBuildIsToldWhichCommitItIsOf() throws Exception {
    assumeTrue(LauncherTree.install("git", machine.bin()), "there is no git");
    for (String words :
        List.of("init -q", "add pom.xml", "-c user.name=A -c user.email=a@b commit -q -m A")) {
      Ended git = machine.start(tree.root(), List.of(("git " + words).split(" "))).end();
      assertEquals(0, git.code(), git.err());
    }
    run();
    tree.write("pom.xml", "<project></project>");
    run();
    List<String> told =
        tree.mavenWasTold().stream().filter(line -> line.startsWith("-Daviary.commit=")).toList();
    assertTrue(told.get(0).matches("-Daviary.commit= \\([0-9a-f]{7,}\\)"), told.toString());
    assertEquals(told.get(0).replace(")", "-dirty)"), told.get(1));
  }

  @Test
  void withoutMavenOneLineSaysSo() throws Exception {
    Ended ended = tree.machine("mvn").with("JAVA_HOME", jdk).run(tree.launcher());
    assertEquals(1, ended.code());
    assertEquals(
        "aviary: mvn, which builds aviary, is not there; install Maven 3.8 or later\n",
        ended.err());
  }

  @Test
  void optionsForTheJvmComeAfterOurs() throws Exception {
    List<String> said =
        machine.with("AVIARY_JAVA_OPTS", " -Xmx2g  -Dx=* ").run(tree.launcher()).javaWords();
    int main = said.indexOf("aviary.cli.Main");
    assertEquals(List.of("-Xmx2g", "-Dx=*"), said.subList(main - 2, main));
    assertTrue(said.contains("-XX:+UseSerialGC"), said.toString());
  }

  @Test
  void anotherCollectorTakesThePlaceOfOurs() throws Exception {
    List<String> said =
        machine.with("AVIARY_JAVA_OPTS", "-XX:+UseZGC").run(tree.launcher()).javaWords();
    assertTrue(said.contains("-XX:+UseZGC"), said.toString());
    assertFalse(said.contains("-XX:+UseSerialGC"), said.toString());
  }
}
