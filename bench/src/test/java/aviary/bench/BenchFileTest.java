package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchFileTest {
  @TempDir private Path folder;

  @Test
  void aRunIsReadAsItWasWritten() throws IOException {
    Run run =
        Runs.of(
            Runs.measurement("bf16", "cpu", "pp512", 1.5, 2.5),
            Runs.measurement("q8_0", "cpu", "tg128x4", 7));
    Path file = folder.resolve("run.json");
    Files.writeString(file, BenchFile.write(run));
    assertEquals(run, BenchFile.read(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "\"text\"",
        "{\"aviary_bench\": 2}",
        "{\"aviary_bench\": 1}",
        "{\"aviary_bench\": 1, \"environment\": 3}",
        "not json"
      })
  void whatIsNoResultIsRefusedInOneLine(String text) throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, text);
    String message = assertThrows(InputException.class, () -> BenchFile.read(file)).getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(
        message.startsWith(file + ": is no result of 'aviary bench --output json': "), message);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path file = folder.resolve("none.json");
    String message = assertThrows(InputException.class, () -> BenchFile.read(file)).getMessage();
    assertEquals(file + ": there is no such file", message);
  }
}
