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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The descriptors and the locale that {@code ./aviary} gives to the JVM and Maven, scripts here.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherStreamsTest {
  @TempDir private Path base;
  private LauncherTree tree;
  private Machine machine;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LauncherTree(base);
    machine = tree.machineWithJdk();
  }

  /** Runs the launcher with redirections of a shell, and with a JVM that does something. */
  private Ended run(String redirections, String javaDoes) throws Exception {
    String script = "exec \"$0\" generate " + redirections;
    return machine
        .with("JAVA_DOES", javaDoes)
        .start(base, List.of("bash", "-c", script, tree.launcher().toString()))
        .end();
  }

  @Test
  void descriptor1OfTheJvmIsStderrAndResultsHaveAnother() throws Exception {
    run("", ":");
    Ended ended = run("", "echo of a native library; echo result >&$results");
    assertEquals("result\n", ended.out());
    assertEquals("of a native library\n", ended.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", "<&- >&2", "<&- 2>&-", "<&- >&- 2>&-"})
  void aClosedStdinIsEmpty(String closed) throws Exception {
    Path read = base.resolve("read");
    for (String start : List.of("the first, which builds", "the second")) {
      run(closed, "cat > '%s' && echo end >> '%s'".formatted(read, read));
      assertEquals("end\n", Files.readString(read), start);
      Files.delete(read);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {">&-", ">&- <&-"})
  void aClosedStdoutTakesNoResults(String closed) throws Exception {
    Ended ended = run(closed, "echo no result; echo result >&$results || exit 3");
    assertEquals(3, ended.code());
    assertTrue(ended.err().contains("no result\n"), ended.err());
    assertTrue(ended.err().contains("Bad file descriptor"), ended.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2>&-", "2>&- <&-"})
  void aClosedStderrTakesAllThatIsSaid(String closed) throws Exception {
    String javaDoes = "echo lost >&2 && echo lost && echo result >&$results";
    Ended ended = run(closed, javaDoes);
    assertEquals(0, ended.code());
    assertEquals("result\n", ended.out());
    assertEquals("", ended.err());
  }

  @Test
  void aFileThatIsOpenedForAppendingIsAppendedTo() throws Exception {
    Path file = Files.writeString(base.resolve("results"), "before\n");
    run(">> '" + file + "'", "echo result >&$results");
    assertEquals("before\nresult\n", Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 9})
  void descriptorsOfTheCallerStayAsTheyAre(int descriptor) throws Exception {
    Path file = Files.writeString(base.resolve("prompt"), "Once\n");
    Ended ended = run(descriptor + "< '" + file + "'", "cat <&" + descriptor + " >&$results");
    assertEquals("Once\n", ended.out());
  }

  @Test
  void whereTheCallerHasTakenAllDescriptorsStdoutStaysWhereItIs() throws Exception {
    run("", ":");
    StringBuilder all = new StringBuilder();
    for (int descriptor = 3; descriptor < 10; descriptor++) {
      all.append(descriptor).append("< /dev/null ");
    }
    Ended ended = run(all.toString(), "echo result >&$results");
    assertEquals("result\n", ended.out());
    assertEquals("", ended.err());
  }

  @ParameterizedTest
  @CsvSource({"LC_ALL, C", "LC_ALL, POSIX", "LANG, C", "LC_CTYPE, POSIX", "LANG, xx_YY.UTF-8"})
  void theLocaleIsOneOfUtf8BeforeTheFirstBuild(String variable, String value) throws Exception {
    machine = machine.without("LC_ALL").with(variable, value);
    Ended ended = run("", "locale charmap >&$results");
    assertEquals("UTF-8\n", ended.out(), ended.err());
    assertEquals(List.of("C.UTF-8"), tree.localesOfMaven());
  }

  @Test
  void aLocaleOfUtf8IsLeftAsItIs() throws Exception {
    machine = machine.without("LC_ALL").with("LANG", "C.UTF-8");
    run("", ":");
    assertEquals(List.of(""), tree.localesOfMaven());
  }

  @Test
  void whereCHasNoUtf8AnyInstalledLocaleThatHasItWillDo() throws Exception {
    LauncherTree.script(
        machine.bin().resolve("locale"),
        """
        #!/bin/sh
        case $1-$LC_ALL in
          -a-*) printf '%s\\n' C POSIX de_DE ja_JP.utf8 xx_YY.utf8 ;;
          charmap-xx_YY.utf8) echo UTF-8 ;;
          *) echo ANSI_X3.4-1968 ;;
        esac
        """);
    machine = machine.with("LC_ALL", "C");
    Ended ended = run("", "echo \"$LC_ALL\" >&$results");
    assertEquals("xx_YY.utf8\n", ended.out());
    assertEquals(List.of("xx_YY.utf8"), tree.localesOfMaven());
  }

  @ParameterizedTest
  @CsvSource({"C, C.UTF-8", "POSIX, C.UTF-8", "xx_YY.UTF-8, xx_YY.UTF-8"})
  void withoutTheProgramLocaleTheVariablesSayIt(String given, String taken) throws Exception {
    machine = tree.machine("locale").with("JAVA_HOME", tree.jdk("25.0.3")).with("LC_ALL", given);
    run("", ":");
    assertEquals(List.of(taken), tree.localesOfMaven());
  }
}
