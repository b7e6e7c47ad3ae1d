package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(
        InputStream.nullInputStream(),
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8),
        args);
  }

  @Test
  void versionIsOneLineOnStdout() {
    assertEquals(0, run("--version"));
    String version = out.toString(StandardCharsets.UTF_8);
    assertTrue(version.matches("aviary \\d+\\.\\d+\\.\\d+\\S*( \\(\\S+\\))?\\R"), version);
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void helpGoesToStdout() {
    assertEquals(0, run("--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("Usage: aviary"));
  }

  @Test
  void withoutACommandTheUsageGoesToStderr() {
    assertEquals(2, run());
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("Usage: aviary"));
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void anUnknownOptionIsOneLineAndCode2() {
    assertEquals(2, run("--nonsense"));
    assertEquals(
        "aviary: Unknown option: '--nonsense' (try: aviary --help)\n",
        err.toString(StandardCharsets.UTF_8));
  }
}
