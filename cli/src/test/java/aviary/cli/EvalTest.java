package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class EvalTest {
  @TempDir private Path root;
  private EvalFolder folder;

  @BeforeEach
  void writeModelAndData() throws IOException {
    folder = EvalFolder.in(root);
  }

  private Run eval(String... more) {
    return folder.eval(more);
  }

  @Test
  void theTableGoesToStdoutAndTheSpeedToStderr() {
    Run run = eval("--tasks=piqa,lambada_openai").ok();
    List<String> lines = run.out().lines().skip(2).toList();
    assertTrue(lines.get(0).matches("\\| +Tasks +\\|Version\\|Filter\\|n-shot\\|.*"), run.out());
    assertTrue(lines.get(2).matches("\\|lambada_openai\\| +1\\|none +\\| +0\\|acc .*"), run.out());
    assertEquals(6, lines.size());
    assertTrue(
        run.err()
            .matches(
                "5 documents in [\\d.]+ s, [\\d.]+ documents/s; \\d+ tokens, [\\d.]+ tokens/s\\R"),
        run.err());
  }

  @Test
  void everyWayToRunGivesTheSameScores() {
    String expected = table("--tasks=piqa", "--num-fewshot=1");
    assertEquals(expected, table("--tasks=piqa", "--num-fewshot=1", "--batch-size=1"));
    assertEquals(expected, table("--tasks=piqa", "--num-fewshot=1", "--no-fork"));
    assertEquals(expected, table("--tasks=piqa", "--num-fewshot=1", "--device=cpu,cpu"));
  }

  /** Without the line above it, which names the way. */
  private String table(String... options) {
    String out = eval(options).ok().out();
    return out.substring(out.indexOf("\n\n"));
  }

  @Test
  void jsonIsTheResultFile() {
    JsonNode json = new JsonMapper().readTree(eval("--tasks=piqa", "--json").ok().out());
    assertEquals(3, json.at("/results/piqa/sample_len").asInt());
    assertTrue(json.at("/results/piqa/acc_norm,none").isNumber());
    assertEquals(3, json.at("/n-samples/piqa/original").asInt());
    assertEquals("bytes.safetensors", json.at("/model_name").asString());
  }

  @Test
  void aListOfTasksNeedsNeitherModelNorData() {
    String list = Run.of("eval", "--tasks=list").ok().out();
    assertTrue(list.contains("|xcopa_it"), list);
    assertTrue(list.contains("|eagle-finch-multilingual|"), list);
  }

  @Test
  void aTaskOfTheUsersNeedsNoCode() throws IOException {
    Path tasks = root.resolve("tasks");
    Files.createDirectories(tasks);
    Files.writeString(
        tasks.resolve("mine.yaml"),
        """
        task: mine
        dataset_path: me/colours
        output_type: generate_until
        test_split: test
        doc_to_text: "{{thing}} is"
        doc_to_target: "{{colours}}"
        generation_kwargs:
          until: ["\\n"]
          max_gen_toks: 5
        metric_list:
          - metric: exact_match
            ignore_case: true
        metadata:
          version: 3
        """);
    folder.write(
        "me/colours/test.jsonl", "{\"thing\": \"Grass\", \"colours\": [\"green\", \"dry\"]}\n");
    String table = eval("--tasks=mine", "--include", tasks.toString()).ok().out();
    assertTrue(table.contains("|mine |      3|none  |     0|exact_match|↑  |"), table);
  }

  @Test
  void aTaskThatReplacesOneThatIsBuiltInIsTold() throws IOException {
    Path file = root.resolve("piqa.yaml");
    Files.writeString(
        file,
        """
        task: piqa
        dataset_path: baber/piqa
        output_type: multiple_choice
        validation_split: validation
        doc_to_text: goal
        doc_to_choice: "{{[sol1, sol2]}}"
        doc_to_target: label
        """);
    Run run = eval("--tasks=piqa", "--include", file.toString()).ok();
    assertTrue(
        run.err()
            .startsWith("aviary: --include has its own piqa, which replaces what is built in\n"),
        run.err());
  }

  @Test
  void whatIsOddAboutExamplesAndLabelsIsToldOnce() throws IOException {
    Path file = root.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        task: mine
        dataset_path: me/colours
        output_type: multiple_choice
        test_split: test
        doc_to_text: "{{thing}} is"
        doc_to_choice: ["", green, red]
        doc_to_target: colour
        """);
    folder.write(
        "me/colours/test.jsonl",
        """
        {"thing": "Grass", "colour": "green"}
        {"thing": "Coal", "colour": "black"}
        {"thing": "A ghost", "colour": ""}
        """);
    Run zero = eval("--tasks=mine", "--include", file.toString()).ok();
    String labels =
        "aviary: task mine: 1 of 3 documents have a label that is none of their choices, and count"
            + " as wrong; the first is document 1, with the label 'black' and 3 choices";
    assertEquals(List.of(labels), notices(zero));
    Run one = eval("--tasks=mine", "--include", file.toString(), "--num-fewshot=1").ok();
    assertEquals(
        List.of(
            "aviary: task mine: examples are drawn from the documents that are evaluated, so a"
                + " document may be shown its own answer, as in lm-evaluation-harness; a"
                + " training_split or another fewshot_split avoids it",
            labels),
        notices(one));
  }

  private static List<String> notices(Run run) {
    return run.err().lines().filter(line -> line.startsWith("aviary: task")).toList();
  }

  private Path only(Path of, String glob) throws IOException {
    try (Stream<Path> files = Files.walk(of)) {
      List<Path> all =
          files
              .filter(file ->
                  file.getFileSystem().getPathMatcher("glob:" + glob).matches(file.getFileName()))
              .toList();
      assertEquals(1, all.size(), all.toString());
      return all.getFirst();
    }
  }

  @Test
  void filesAreLaidOutAsLmEvals() throws IOException {
    Path output = root.resolve("out");
    eval("--tasks=piqa", "--output", output.toString(), "--log-samples", "--limit=2").ok();
    JsonNode results = new JsonMapper().readTree(only(output, "results_*.json").toFile());
    assertEquals(2, results.at("/n-samples/piqa/effective").asInt());
    assertEquals(64, results.at("/task_hashes/piqa").asString().length());
    Path samples = only(output, "samples_piqa_*.jsonl");
    assertEquals("bytes.safetensors", samples.getParent().getFileName().toString());
    List<String> lines = Files.readAllLines(samples);
    assertEquals(2, lines.size());
    JsonNode line = new JsonMapper().readTree(lines.get(1));
    assertEquals(1, line.get("doc_id").asInt());
    assertEquals("open a jar", line.at("/doc/goal").asString());
    assertEquals("1", line.get("target").asString());
    assertEquals(" Twist the lid", line.at("/arguments/gen_args_1/arg_1").asString());
    assertTrue(line.at("/resps/0/0/0").asString().matches("-\\d+\\.\\d+"));
    assertEquals(List.of(), unfinished(output));
  }

  private static List<Path> unfinished(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return files.filter(file -> file.endsWith("unfinished")).toList();
    }
  }

  /** Two documents of two choices; and whom the results are of. */
  @Test
  void aboveTheTableStandsWhatItIsOf() throws IOException {
    Path output = root.resolve("out");
    String[] options = {"--tasks=piqa,lambada_openai", "--limit=2", "--output=" + output};
    List<String> lines = eval(options).ok().out().lines().toList();
    assertTrue(
        lines
            .getFirst()
            .matches("bytes\\.safetensors on cpu, limit 2, 4 documents, batch size 32, aviary .*"),
        lines.getFirst());
    assertEquals("", lines.get(1));
    assertTrue(lines.get(2).startsWith("|"), lines.get(2));
    Path file = only(output, "results_*.json");
    assertEquals("files: " + file, lines.getLast());
    JsonNode results = new JsonMapper().readTree(file.toFile());
    assertTrue(results.at("/aviary_version").asString().startsWith("aviary "));
    assertEquals(0.5, results.at("/chance_level/piqa").asDouble());
    assertTrue(results.at("/chance_level/lambada_openai").isMissingNode(), "it has no choices");
    String all = eval("--tasks=piqa").ok().out();
    assertTrue(all.startsWith("bytes.safetensors on cpu, no limit, 3 documents, "), all);
    String part = eval("--tasks=piqa", "--limit=0.5").ok().out();
    assertTrue(part.startsWith("bytes.safetensors on cpu, limit 0.5, "), part);
  }

  @Test
  void aPageThatIsThereIsReplacedWithALine() throws IOException {
    Path page = root.resolve("one.html");
    String said = "aviary: %s was there already, and has been replaced\n".formatted(page);
    String first = eval("--tasks=piqa", "--report=" + page).ok().err();
    assertTrue(!first.contains(said), first);
    String second = eval("--tasks=piqa", "--report=" + page).ok().err();
    assertTrue(second.endsWith(said), second);
    assertTrue(Files.readString(page).contains("<td><pre>0.5000</pre></td>"), "chance level");
    String listed = Run.of("eval", "--tasks=list", "--report=" + page).ok().err();
    assertFalse(listed.contains("replaced"), "nothing is written");
  }

  @Test
  void runsAreComparedAndAPageIsWritten() throws IOException {
    Path output = root.resolve("out");
    Path page = root.resolve("one.html");
    String[] options = {"--tasks=piqa", "--output=" + output, "--log-samples"};
    eval(Stream.concat(Stream.of(options), Stream.of("--report=" + page)).toArray(String[]::new))
        .ok();
    assertTrue(Files.readString(page).contains("<h1>Scores of bytes.safetensors</h1>"));
    Path both = root.resolve("both.html");
    String table =
        Run.of("eval", "--compare", output.toString(), output.toString(), "--report=" + both)
            .ok()
            .out();
    assertTrue(table.contains("|piqa |acc     |"), table);
    assertTrue(Files.readString(both).contains("Documents where they differ"));
  }

  @Test
  void lossByPositionIsATableOrAPage() throws IOException {
    Path text = Files.writeString(root.resolve("text.txt"), "It was late, and nobody spoke.");
    Path page = root.resolve("loss.html");
    Run run =
        Run.of(
            "eval",
            "--tasks=loss-by-position",
            "--model=" + folder.model(),
            "--data=" + text,
            "--report=" + page);
    assertTrue(run.ok().out().startsWith("|Position|Tokens|"), run.out());
    assertTrue(Files.readString(page).contains("<h1>Loss by position of bytes.safetensors</h1>"));
  }
}
