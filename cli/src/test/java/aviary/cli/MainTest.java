package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MainTest {
  static final List<String> COMMANDS =
      List.of(
          "generate",
          "chat",
          "tokenize",
          "logits",
          "eval",
          "train",
          "inspect",
          "convert",
          "init",
          "devices");

  @Test
  void versionIsOneLineOnStdout() {
    Run run = Run.of("--version").ok();
    assertTrue(run.out().matches("aviary \\d+\\.\\d+\\.\\d+\\S*( \\(\\S+\\))?\\R"), run.out());
    assertEquals(run, Run.of("-V"));
    assertEquals(run, Run.of("generate", "--version"));
    assertEquals("", run.err());
  }

  @Test
  void helpGoesToStdoutAndNamesTheCommands() {
    String help = Run.of("--help").ok().out();
    assertTrue(help.startsWith("Usage: aviary"), help);
    for (String command : COMMANDS) {
      assertTrue(help.contains("\n  " + command + " "), help);
    }
  }

  @ParameterizedTest
  @FieldSource("COMMANDS")
  void everyCommandExplainsItselfWithAnExample(String command) {
    String help = Run.of(command, "--help").ok().out();
    assertTrue(help.startsWith("Usage: aviary " + command + " ["), help);
    assertTrue(help.contains("\n  aviary " + command + " "), help);
    assertTrue(help.lines().allMatch(line -> line.length() <= 80), help);
    assertEquals(help, Run.of("--verbose", command, "--help").ok().out());
  }

  @Test
  void withoutACommandTheUsageGoesToStderr() {
    Run run = Run.of();
    assertEquals(2, run.code());
    assertTrue(run.err().startsWith("Usage: aviary"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void whatIsUnknownIsOneLineAndCode2() {
    Run.of("--nonsense").assertRefused("Unknown option: '--nonsense' \\(try: aviary --help\\)");
    Run.of("generte")
        .assertRefused("Unmatched argument .*'generte' \\(did you mean: .*generate.*\\)");
    Run.of("inspect", "--tensor", "x")
        .assertRefused("Unknown option: '--tensor' \\(did you mean: .*--tensors.*\\)");
  }
}
