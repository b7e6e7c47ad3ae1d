package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.InputException;
import aviary.engine.DeviceException;
import aviary.safetensors.MalformedFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void badInputIsCode2() {
    assertEquals(new Failure(2, "no such token"), Failure.of(new InputException("no such token")));
    assertEquals(
        new Failure(2, "m.pth: cut short"),
        Failure.of(new MalformedFileException(Path.of("m.pth"), "cut short")));
    assertEquals(
        new Failure(2, "m.pth: no such file or folder"),
        Failure.of(new NoSuchFileException("m.pth")));
  }

  @Test
  void everythingElseIsCode1() {
    assertEquals(
        new Failure(1, "device tornado:0:0: kernel norm0 failed"),
        Failure.of(new DeviceException("device tornado:0:0: kernel norm0 failed", null)));
    assertEquals(
        new Failure(1, "No space left on device"),
        Failure.of(new IOException("No space left on device")));
    assertEquals(
        new Failure(1, "failed: java.lang.IllegalStateException: broken (--verbose shows where)"),
        Failure.of(new IllegalStateException("broken")));
  }

  @Test
  void wrappersAreLookedThrough() {
    Throwable wrapped =
        new ExecutionException(new UncheckedIOException(new NoSuchFileException("m.pth")));
    assertEquals(new Failure(2, "m.pth: no such file or folder"), Failure.of(wrapped));
  }

  @Test
  void messagesAreOneLineThatCannotDriveATerminal() {
    assertEquals(
        new Failure(2, "first second ?[2J"),
        Failure.of(new InputException("first\n  second \u001b[2J\n")));
  }
}
