package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {
  @TempDir private Path folder;
  private String model;

  @BeforeEach
  void makeModel() {
    model = folder.resolve("m.safetensors").toString();
    Run.of("init", "--arch", "finch", "--layers", "1", "--width", "64", "--vocab-size", "50", model)
        .ok();
  }

  private Run bench(String... more) {
    String[] all = {
      "bench", "--model", model, "-p", "4", "-n", "2", "--threads", "1", "--warm-up", "0"
    };
    return Run.of(Stream.of(all, more).flatMap(Stream::of).toArray(String[]::new));
  }

  @Test
  void aTableHasALineAMeasurement() {
    String out = bench().ok().out();
    assertEquals(6, out.lines().count(), out);
    assertTrue(out.lines().toList().get(3).contains(" pp4 "), out);
    assertTrue(out.lines().toList().get(4).contains(" tg2 "), out);
  }

  @Test
  void jsonIsOneDocumentThatCompareReads() throws IOException {
    String out = bench("--output", "json").ok().out();
    JsonNode json = JsonMapper.shared().readTree(out);
    assertEquals(5, json.get("results").size());
    assertEquals("pp4", json.get("results").get(2).get("test").asString());
    Path file = Files.writeString(folder.resolve("a.json"), out);
    String table = Run.of("bench", "--compare", file.toString(), file.toString()).ok().out();
    List<String> rows = table.lines().filter(line -> line.startsWith("| m.safetensors |")).toList();
    assertEquals(5, rows.size(), table);
    assertTrue(rows.stream().allMatch(row -> row.endsWith(" 1.00 |")), table);
  }

  @Test
  void aReportHasOperationsAndSeveralSequences() throws IOException {
    Path report = folder.resolve("report");
    String out = bench("-r", "1", "--report", report.toString()).ok().out();
    for (String test : List.of(" tg2 ", " tg2x4 ", " tg2x16 ", "matmul of 64", "wkv6 of 64")) {
      assertTrue(out.contains(test), () -> test + " is not in " + out);
    }
    for (String file :
        List.of("index.html", "bench.json", "operations-1-row.png", "sequences.png")) {
      assertTrue(Files.exists(report.resolve(file)), file);
    }
    assertEquals(
        out.lines().count() - 1,
        JsonMapper.shared()
            .readTree(Files.readString(report.resolve("bench.json")))
            .get("results")
            .size());
  }

  @Test
  void csvHasAHeadAndOneFormOfRow() {
    String out = bench("--output", "csv").ok().out();
    long columns = out.lines().findFirst().orElseThrow().split(",").length;
    assertTrue(out.lines().skip(1).allMatch(row -> row.split(",", -1).length == columns), out);
  }

  private static void assertRefused(String start, Run run) {
    assertEquals(2, run.code());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("aviary: " + start), run.err());
  }

  @Test
  void badInputIsOneLine() throws IOException {
    assertRefused("nothing to measure: ", Run.of("bench"));
    assertRefused("-r 0: ", bench("-r", "0"));
    assertRefused("device nothing: ", bench("--device", "cpu,nothing"));
    assertRefused("--batch-size 0: ", bench("--batch-size", "1,0"));
    assertRefused("--threads -1: ", bench("--threads", "-1"));
    String none = folder.resolve("none").toString();
    assertRefused(none + ": there is no such file", Run.of("bench", "--model", none));
    assertRefused("no published model has the shape", Run.of("bench", "--shape", "finch-2b"));
    Path file = Files.writeString(folder.resolve("x.json"), "{}");
    assertRefused(
        file + ": is no result", Run.of("bench", "--compare", file.toString(), file.toString()));
    assertRefused(file + "/r: the folder for the report", bench("--report", file + "/r"));
  }
}
