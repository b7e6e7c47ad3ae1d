package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchFileTest {
  @TempDir private Path folder;

  @Test
  void aRunIsReadAsItWasWritten() throws IOException {
    Run run =
        Runs.of(
            Runs.measurement("bf16", "cpu", "pp512", 1.5, 2.5),
            Runs.measurement("q8_0", "cpu", "tg128x4", 7),
            Runs.operation("cpu", 256, 3, 4));
    Path file = folder.resolve("run.json");
    Files.writeString(file, BenchFile.write(run));
    assertEquals(run, BenchFile.read(file));
  }

  @Test
  void tokensASecondHaveTheNamesOfLlamaBench() {
    Run run = Runs.of(Runs.measurement("bf16", "cpu", "pp512", 512, 256));
    JsonNode result = JsonMapper.shared().readTree(BenchFile.write(run)).get("results").get(0);
    assertEquals(384, result.get("avg_ts").asDouble());
    assertEquals(1.5e9, result.get("avg_ns").asDouble(), "a prompt of 512 in 1 s, and in 2 s");
    assertEquals(2, result.get("samples_ns").size());
    assertEquals(512, result.get("n_prompt").asInt());
  }

  @Test
  void whatAFileLacksIsNothing() throws IOException {
    Path file = folder.resolve("little.json");
    Files.writeString(file, "{\"aviary_bench\": 1, \"environment\": {}, \"results\": [{}]}");
    Run run = BenchFile.read(file);
    assertEquals(0, run.measurements().getFirst().mean());
    assertTrue(!new Comparison(List.of("a", "b"), List.of(run, run)).lines().isEmpty());
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
