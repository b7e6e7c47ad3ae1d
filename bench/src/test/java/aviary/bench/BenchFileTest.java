package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

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
  void theMedianAndTheLoadAreKept() {
    Measurement m = Runs.measurement("bf16", "cpu", "pp512", 9, 1, 2);
    Measurement loaded =
        new Measurement(
            m.setting(),
            m.test(),
            m.unit(),
            m.samples(),
            m.limit(),
            m.bound(),
            Map.of("load_average", 3.5, "other_cores", 1.25));
    JsonNode result =
        JsonMapper.shared().readTree(BenchFile.write(Runs.of(loaded))).get("results").get(0);
    assertEquals(2, result.get("median").asDouble());
    assertEquals(2, result.get("median_ts").asDouble());
    assertEquals(256e9, result.get("median_ns").asDouble());
    assertTrue(result.get("uneven").asBoolean());
    assertEquals(3.5, result.at("/details/load_average").asDouble());
    assertEquals(1.25, result.at("/details/other_cores").asDouble());
  }

  @Test
  void aLineOfJsonLinesHasAResultAndWhatItDependsOn() {
    Run run = Runs.of(Runs.measurement("bf16", "cpu", "tg128", 5));
    String line = BenchFile.line(run.measurements().getFirst(), run.environment());
    assertEquals(1, line.lines().count());
    JsonNode result = JsonMapper.shared().readTree(line);
    assertEquals("tg128", result.get("test").asString());
    assertEquals(5, result.get("avg_ts").asDouble());
    assertEquals("aviary 0.1", result.get("version").asString());
    assertEquals("a JVM", result.get("jvm").asString());
  }

  @Test
  void aRunThatWasInterruptedSaysSo() throws IOException {
    Run whole = Runs.of(Runs.measurement("bf16", "cpu", "pp512", 1.5));
    assertTrue(!BenchFile.write(whole).contains("interrupted"));
    Run run =
        new Run(whole.environment(), whole.limits(), whole.measurements(), whole.failures(), true);
    Path file = Files.writeString(folder.resolve("run.json"), BenchFile.write(run));
    assertEquals(run, BenchFile.read(file));
    JsonNode json = JsonMapper.shared().readTree(BenchFile.write(run));
    assertTrue(json.get("interrupted").asBoolean());
  }

  @Test
  void aFolderIsRefused() {
    String message = assertThrows(InputException.class, () -> BenchFile.read(folder)).getMessage();
    assertEquals(folder + ": is a folder; name a file in it", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'limits': []                                  | it has no list \"results\"",
        "'results': []                                 | it has no list \"limits\"",
        "'limits': [], 'results': 3                    | it has no list \"results\"",
        "'limits': [], 'results': [3]                  | results[0] has no text \"model_filename\"",
        "'limits': [], 'results': [{}]                 | results[0] has no text \"model_filename\"",
        "'limits': [{'device': 1}], 'results': []      | limits[0] has no text \"device\"",
      },
      quoteCharacter = '`')
  void aWrongStructureIsRefusedWithItsPlace(String lists, String message) throws IOException {
    Path file = folder.resolve("wrong.json");
    String text = "{\"aviary_bench\": 1, \"environment\": {}, %s}".formatted(lists);
    Files.writeString(file, text.replace('\'', '"'));
    assertEquals(
        file + ": is no result of 'aviary bench --output json': " + message,
        assertThrows(InputException.class, () -> BenchFile.read(file)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"avg", "samples", "unit", "test", "device"})
  void aResultWithoutANumberOrANameIsRefused(String lacked) throws IOException {
    Run run = Runs.of(Runs.measurement("bf16", "cpu", "pp512", 1.5));
    JsonNode json = JsonMapper.shared().readTree(BenchFile.write(run));
    ((ObjectNode) json.get("results").get(0)).remove(lacked);
    Path file = Files.writeString(folder.resolve("wrong.json"), json.toString());
    String message = assertThrows(InputException.class, () -> BenchFile.read(file)).getMessage();
    assertTrue(message.contains("results[0] has no ") && message.contains(lacked), message);
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
