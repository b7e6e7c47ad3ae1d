package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    assertEquals(8, out.lines().count(), out);
    assertTrue(
        out.lines().toList().getLast().matches("aviary .* cpu \\(1 thread\\): .* GFLOP/s(; .*)?"),
        out);
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
    assertTrue(table.lines().noneMatch(line -> line.startsWith("|")), table);
    Matcher equal = Pattern.compile("Equal in all and left out: (\\d) of \\1 rows.").matcher(table);
    assertEquals(5, equal.results().mapToInt(its -> Integer.parseInt(its.group(1))).sum(), table);
    assertTrue(table.contains("Equal in all: version, time, "), table);
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
        out.lines().count() - 3,
        JsonMapper.shared()
            .readTree(Files.readString(report.resolve("bench.json")))
            .get("results")
            .size());
  }

  @Test
  void modelsAreAListToo() throws IOException {
    Path other = Files.copy(Path.of(model), folder.resolve("other.safetensors"));
    Path withComma = Files.copy(Path.of(model), folder.resolve("with,comma.safetensors"));
    List<String> lines =
        bench("--model", other + "," + model, "--model", withComma.toString())
            .ok()
            .err()
            .lines()
            .toList();
    assertEquals(
        List.of("m.safetensors", "other.safetensors", "with,comma.safetensors"),
        lines.stream().map(line -> line.split(" ")[2]).toList());
    assertRefused(
        folder.resolve("none") + ": there is no such file",
        bench("--model", model + "," + folder.resolve("none")));
  }

  @Test
  void csvHasAHeadAndOneFormOfRow() {
    String out = bench("--output", "csv").ok().out();
    long columns = out.lines().findFirst().orElseThrow().split(",").length;
    assertTrue(
        out.lines()
            .skip(1)
            .map(row -> row.replaceAll("\"[^\"]*\"", "quoted"))
            .allMatch(row -> row.split(",", -1).length == columns),
        out);
  }

  @Test
  void whereThereIsNoBarALineTellsWhatIsMeasured() {
    assertEquals("aviary: measuring m.safetensors bf16 on cpu\n", bench().ok().err());
  }

  @Test
  void blasHasNoEffectOnOtherDevices() {
    Run run = bench("-r", "1", "--device", "reference", "--blas", "none").ok();
    assertTrue(run.err().startsWith("aviary: --blas has no effect on reference\n"), run.err());
    assertTrue(run.out().lines().skip(1).findFirst().orElseThrow().contains(" reference "));
  }

  @Test
  void nothingStandsBesideCompare() throws IOException {
    String file = Files.writeString(folder.resolve("a.json"), "{}").toString();
    for (String option : List.of("--report=x", "--model=x", "--output=json", "--threads=1")) {
      assertRefused(
          "--compare: it measures nothing and prints Markdown; " + option.replaceAll("=.*", ""),
          Run.of("bench", option, "--compare", file, file));
    }
    assertRefused(folder + ": is a folder", Run.of("bench", "--compare", folder.toString(), file));
  }

  @Test
  void moreThreadsThanCoresAreRefusedWithBothNumbers() {
    int cores = Runtime.getRuntime().availableProcessors();
    String message =
        "--threads %d: it has to be from 0 to %d, which is how many cores there are"
            .formatted(cores + 1, cores);
    assertRefused(message, Run.of("bench", "-t", "0," + (cores + 1)));
    assertRefused(message, Run.of("generate", "--threads=" + (cores + 1), "a"));
  }

  /** The same forms by llama-bench's names. */
  @Test
  void markdownAndJsonLinesHaveARowAResult() {
    List<String> table = bench("-o", "md").ok().out().lines().toList();
    assertTrue(table.getFirst().startsWith("| model | type | size | params | device |"));
    assertTrue(table.get(4).contains("| pp4 |"), table.toString());
    assertEquals(
        table.getFirst(),
        bench("-r", "1", "-o", "MARKDOWN").ok().out().lines().toList().getFirst());
    List<JsonNode> lines =
        bench("-o", "jsonl").ok().out().lines().map(JsonMapper.shared()::readTree).toList();
    assertEquals(
        List.of("load", "first token", "pp4", "tg2", "memory"),
        lines.stream().map(line -> line.get("test").asString()).toList());
    assertEquals(5, lines.get(2).get("samples_ts").size());
    assertTrue(lines.get(2).get("version").asString().startsWith("aviary "));
    assertRefused("--output sql: aviary writes no SQL; ", bench("-o", "sql"));
    assertRefused("--output xml: there is no such form; there are table, md,", bench("-o", "xml"));
  }

  @Test
  void promptsAndGeneratedTokensTogether() {
    String out = bench("-r", "1", "-pg", "4,2", "-pg", "8,3").ok().out();
    assertTrue(out.contains(" pp4+tg2 ") && out.contains(" pp8+tg3 "), out);
    assertTrue(out.contains(" pp4 ") && out.contains(" tg2 "), out);
    assertRefused("-pg 4: it has to be two numbers, such as 512,128", bench("-pg", "4"));
    assertRefused("-pg 1,2,3: it has to be two numbers", bench("-pg", "1,2,3"));
    assertRefused("-pg 0: it has to be from 1 to ", bench("-pg", "4,0"));
    assertRefused("-pg x: it has to be a number", bench("-pg", "x,4"));
  }

  @Test
  void rangesAreThoseOfLlamaBench() {
    assertEquals(List.of(1, 4, 16), NumberLists.of("-p", List.of("1", "4", "16")));
    assertEquals(List.of(128, 256, 384, 512), NumberLists.of("-p", List.of("128-512+128")));
    assertEquals(List.of(1, 2, 4, 8, 3), NumberLists.of("-p", List.of("1-8*2", "3")));
    assertEquals(List.of(3, 4, 5), NumberLists.of("-p", List.of("3-5")));
    String out = bench("-r", "1", "-p", "2-8*2", "-n", "0").ok().out();
    assertTrue(out.contains(" pp2 ") && out.contains(" pp4 ") && out.contains(" pp8 "), out);
    assertRefused("-p 8-2: the range goes from 8 down to 2; write 2-8\n", bench("-p", "8-2"));
    assertRefused(
        "-n 512-128+64: the range goes from 512 down to 128; write 128-512+64\n",
        bench("-n", "512-128+64"));
    assertRefused("-n 2-8*1: the range has no end", bench("-n", "2-8*1"));
    assertRefused("-d 1-9+0: the range has no end", bench("-d", "1-9+0"));
    assertRefused("-p 1-1000000: more than 1000 numbers", bench("-p", "1-1000000"));
    assertRefused("-p many: it has to be a number, a list ", bench("-p", "many"));
    assertRefused("--batch-size 1.5: it has to be a number", bench("--batch-size", "1.5"));
  }

  @Test
  void llamaBenchsOtherOptionsAreRefusedWithWhatToUse() {
    assertRefused(
        "-ngl, --n-gpu-layers: an option of llama-bench that aviary does not have: all layers run"
            + " on --device;",
        bench("-ngl", "99"));
    assertRefused("-ngl, --n-gpu-layers: ", bench("--n-gpu-layers=99"));
    assertRefused("-b: an option of llama-bench", bench("-b", "2048"));
    assertRefused("-ub, --ubatch-size: ", bench("-ub", "512"));
    assertRefused("-fa, --flash-attn: ", bench("-fa", "1"));
    assertRefused("-embd, --embeddings: ", bench("-embd", "1"));
    assertRefused("--list-devices: an option of llama-bench", Run.of("bench", "--list-devices"));
    String out = bench("-r", "1", "-dev", "cpu", "--no-warmup", "--progress").ok().out();
    assertTrue(out.contains(" pp4 "), out);
  }

  @Test
  void noWarmUpBesidesAWarmUpOfSomeLengthIsRefused() {
    for (String seconds : List.of("5", "0.5")) {
      assertRefused(
          "--no-warmup: it is the same as --warm-up 0, and --warm-up ",
          Run.of("bench", "--model", model, "--warm-up", seconds, "--no-warmup"));
    }
  }

  @Test
  void anEarlierReportIsNotOverwritten() throws IOException {
    Path report = folder.resolve("again");
    String[] quick = {"-r", "1", "--no-operations", "--report", report.toString()};
    bench(quick).ok();
    String before = Files.readString(report.resolve("bench.json"));
    Run refused = bench(quick);
    assertRefused("--report " + report + ": there is a report already (index.html)", refused);
    assertEquals("", refused.out());
    assertEquals(before, Files.readString(report.resolve("bench.json")));
    bench(Stream.concat(Stream.of(quick), Stream.of("--overwrite")).toArray(String[]::new)).ok();
    assertRefused("--overwrite: --report is missing", bench("--overwrite"));
  }

  private static void assertRefused(String start, Run run) {
    assertEquals(2, run.code());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("aviary: " + start), run.err());
  }

  @Test
  void badInputIsOneLine() throws IOException {
    assertRefused("--model is missing, and story-finch", Run.of("bench"));
    assertRefused("-r 0: ", bench("-r", "0"));
    assertRefused("device nothing: ", bench("--device", "cpu,nothing"));
    assertRefused("--batch-size 0: ", bench("--batch-size", "1,0"));
    assertRefused("--threads -1: ", Run.of("bench", "--threads", "-1"));
    assertRefused("--warm-up -1: it has", Run.of("bench", "-m", model, "--warm-up", "-1"));
    assertRefused("device cpu:1: no such device here; there is ", bench("--device", "cpu:1"));
    assertRefused("device : no such backend here; there is ", bench("--device", ""));
    for (String option : List.of("--report", "--model", "--compare")) {
      assertRefused("Invalid value for option '" + option, Run.of("bench", option, "", ""));
    }
    String none = folder.resolve("none").toString();
    assertRefused(none + ": there is no such file", Run.of("bench", "--model", none));
    assertRefused("no published model has the shape", Run.of("bench", "--shape", "finch-2b"));
    Path file = Files.writeString(folder.resolve("x.json"), "{}");
    assertRefused(
        file + ": is no result", Run.of("bench", "--compare", file.toString(), file.toString()));
    assertRefused(file + "/r: the folder for the report", bench("--report", file + "/r"));
  }
}
