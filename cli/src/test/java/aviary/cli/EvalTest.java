package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalTest {
  private static final Pattern DATE =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{6}");
  private static final List<String> OF_TIME = List.of("date", "total_evaluation_time_seconds");

  @TempDir private Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void writeModelAndData() throws IOException {
    model = SmallModel.byteLevel(folder);
    data = folder.resolve("data");
    write(
        "piqa/validation.jsonl",
        """
        {"goal": "dry boots", "sol1": "Use paper", "sol2": "Use water", "label": 0}
        {"goal": "open a jar", "sol1": "Shout", "sol2": "Twist the lid", "label": 1}
        {"goal": "sleep", "sol1": "Lie down", "sol2": "Run", "label": 0}
        """);
    write(
        "piqa/train.jsonl",
        """
        {"goal": "eat", "sol1": "Use a spoon", "sol2": "Use a hat", "label": 0}
        {"goal": "read", "sol1": "Close the book", "sol2": "Open the book", "label": 1}
        """);
    write("lambada_openai/default/test.jsonl", "{\"text\": \"a b\"}\n{\"text\": \"c d e\"}\n");
  }

  private void write(String name, String content) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private List<String> arguments(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "eval",
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--bootstrap-iters=100"));
    all.addAll(Arrays.asList(more));
    return all;
  }

  private Run eval(String... more) {
    return Run.of(arguments(more).toArray(String[]::new));
  }

  @Test
  void theTableGoesToStdoutAndTheSpeedToStderr() {
    Run run = eval("--tasks=piqa,lambada_openai").ok();
    List<String> lines = run.out().lines().toList();
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
    String expected = eval("--tasks=piqa", "--num-fewshot=1").ok().out();
    assertEquals(expected, eval("--tasks=piqa", "--num-fewshot=1", "--batch-size=1").ok().out());
    assertEquals(expected, eval("--tasks=piqa", "--num-fewshot=1", "--no-fork").ok().out());
    assertEquals(expected, eval("--tasks=piqa", "--num-fewshot=1", "--device=cpu,cpu").ok().out());
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
    Path tasks = folder.resolve("tasks");
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
    write("me/colours/test.jsonl", "{\"thing\": \"Grass\", \"colours\": [\"green\", \"dry\"]}\n");
    String table = eval("--tasks=mine", "--include", tasks.toString()).ok().out();
    assertTrue(table.contains("|mine |      3|none  |     0|exact_match|↑  |"), table);
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

  /** All files of an output folder, with dates taken out. */
  private static Map<String, String> files(Path output) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = DATE.matcher(output.relativize(file).toString()).replaceAll("DATE");
        String text =
            Files.readString(file)
                .lines()
                .filter(line -> OF_TIME.stream().noneMatch(n -> line.startsWith("  \"" + n)))
                .reduce("", (a, b) -> a + b + "\n");
        contents.put(name, text);
      }
    }
    return contents;
  }

  @Test
  void filesAreLaidOutAsLmEvals() throws IOException {
    Path output = folder.resolve("out");
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

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void aKilledRunGoesOnAndEndsWithTheSameFiles() throws IOException, InterruptedException {
    StringBuilder texts = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      texts.append("{\"text\": \"%s%d and %d\"}\n".formatted("word ".repeat(1 + i % 30), i, i * i));
    }
    write("lambada_openai/default/test.jsonl", texts.toString());
    String[] tasks = {"--tasks=piqa,lambada_openai", "--log-samples", "--batch-size=2"};
    Path whole = folder.resolve("whole");
    eval(with(tasks, "--output", whole.toString())).ok();

    Path cut = folder.resolve("cut");
    Path answers = cut.resolve("bytes.safetensors/unfinished/lambada_openai.jsonl");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-classpath",
                System.getProperty("java.class.path"),
                "aviary.cli.Main"));
    command.addAll(arguments(with(tasks, "--output", cut.toString())));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    while (process.isAlive() && lines(answers) < 40) {
      Thread.sleep(2);
    }
    process.destroyForcibly().waitFor();
    long kept = lines(answers);
    assertTrue(kept >= 40 && kept < 600, kept + " of 600 documents had been answered");
    // As if the last line had been cut in the middle, too.
    byte[] bytes = Files.readAllBytes(answers);
    Files.write(answers, Arrays.copyOf(bytes, bytes.length - 7));

    Run resumed = eval(with(tasks, "--output", cut.toString(), "--resume")).ok();
    assertEquals(files(whole), files(cut));
    int ran = Integer.parseInt(resumed.err().replaceFirst("(?s) documents.*", "").strip());
    assertTrue(ran > 0 && ran <= 600 - kept + 8, ran + " after " + kept);
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file).lines().count() : 0;
  }

  @Test
  void anotherRunIsNotGoneOnWith() throws IOException {
    Path output = folder.resolve("out");
    String before =
        "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 0}\n".repeat(40)
            + "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 7}\n";
    write("piqa/validation.jsonl", before);
    String[] same = {"--tasks=piqa", "--batch-size=2", "--output", output.toString()};
    // The answers before the bad document are kept.
    eval(same)
        .assertRefused("task piqa: document 40 has the answer 7, which is none of its 2 choices");
    assertEquals(40, lines(output.resolve("bytes.safetensors/unfinished/piqa.jsonl")));
    eval(with(same, "--resume", "--limit=3"))
        .assertRefused("--resume: the run in .*out.* had another limit \\(None, now 3.0\\); .*");
    eval(with(same, "--resume", "--no-fork"))
        .assertRefused("--resume: .* had another forking \\(True, now False\\).*");
    eval(with(same, "--resume", "--num-fewshot=1"))
        .assertRefused("--resume: .* task file of piqa .*");
    write(
        "piqa/validation.jsonl",
        "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 0}\n");
    eval(with(same, "--resume")).assertRefused("--resume: .* another data of task piqa .*");
    write("piqa/validation.jsonl", before);
    byte[] weights = Files.readAllBytes(model);
    weights[weights.length - 2] ^= 1;
    Files.write(model, weights);
    eval(with(same, "--resume")).assertRefused("--resume: .* another model's weights .*");
  }

  @Test
  void badInputIsOneLine() throws IOException {
    eval("--tasks=piq")
        .assertRefused(
            "--tasks piq: there is no such task; did you mean piqa, sciq\\? \\(see: .*list\\)");
    eval("--tasks=piqa", "--limit=0").assertRefused("--limit 0: it has to be more than 0: .*");
    eval("--tasks=piqa", "--limit=-2").assertRefused("--limit -2: .*");
    eval("--tasks=piqa", "--num-fewshot=-1").assertRefused("--num-fewshot -1: .*");
    eval("--tasks=piqa", "--num-fewshot=3")
        .assertRefused("--num-fewshot 3: the split train of baber/piqa has 2 documents, .*");
    eval("--tasks=piqa", "--batch-size=0").assertRefused("--batch-size 0: .*");
    Run.of("eval", "--tasks=piqa", "--model=" + model, "--data=" + data, "--bootstrap-iters=-1")
        .assertRefused("--bootstrap-iters -1: .*");
    eval("--tasks=piqa", "--log-samples").assertRefused("--log-samples: --output is missing: .*");
    eval("--tasks=sciq")
        .assertRefused("the data set allenai/sciq \\(test\\) is not in .*data: .* get it from .*");
    Run.of("eval", "--tasks=piqa", "--model=" + model).assertRefused("--data is missing: .*");
    Run.of("eval", "--tasks=piqa", "--data=" + data)
        .assertRefused("Missing required option: '--model=PATH' .*");
    eval().assertRefused("--tasks is missing: .*");
    eval("--tasks=piqa", "--include=" + folder.resolve("none"))
        .assertRefused("--include .*none: there is no such file or folder");
  }

  @Test
  void badTaskFilesAreOneLine() throws IOException {
    String begin = "task: t\ndataset_path: baber/piqa\nvalidation_split: validation\n";
    String choice = "output_type: multiple_choice\ndoc_to_choice: '{{[sol1, sol2]}}'\n";
    refused(
        begin + "doc_to_tekst: x\n",
        ".*t.yaml: there is no field doc_to_tekst; did you mean doc_to_text.*");
    refused(
        begin + choice + "doc_to_text: '{{gaol}}'\ndoc_to_target: label\n",
        "task t: document 0: doc_to_text: there is no column \"gaol\"; there is goal, sol1, .*");
    refused(
        begin + choice + "doc_to_text: '{{goal'\ndoc_to_target: label\n",
        ".*t.yaml: the template of doc_to_text is none: \"\\{\\{\" has no end.*");
    refused(begin + choice, ".*t.yaml: there is no doc_to_target; every task needs it");
    refused(
        begin + "doc_to_text: !function utils.f\n", ".*t.yaml: line 4: !function names Python .*");
    refused(begin + "doc_to_text: [\n", ".*t.yaml: line \\d+: is no valid YAML: .*");
    refused(
        begin + "output_type: choose\ndoc_to_target: x\n",
        ".*t.yaml: output_type is 'choose', wanted loglikelihood, .*");
    refused(
        begin + choice + "doc_to_target: label\nmetric_list:\n  - metric: bleu\n",
        ".*t.yaml: metric_list: there is no metric 'bleu' for such a task; there is acc, .*");
    refused(
        begin + "output_type: multiple_choice\ndoc_to_choice: '{{[]}}'\ndoc_to_target: label\n",
        "task t: document 0 has no choices");
    refused(
        begin + "output_type: multiple_choice\ndoc_to_choice: ['', a]\ndoc_to_target: label\n",
        "task t: document 0 has an empty choice among .*");
    refused(
        begin + "output_type: loglikelihood\ndoc_to_text: x\ndoc_to_target: ''\n",
        "task t: documents 0 to 2: there is nothing to score: .*");
  }

  private void refused(String yaml, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("t.yaml"), yaml);
    eval("--tasks=t", "--include", file.toString()).assertRefused(message);
  }

  @Test
  void badDataIsNamedWithItsPlace() throws IOException {
    write("piqa/validation.jsonl", "{\"goal\": \"a\"\n");
    eval("--tasks=piqa").assertRefused(".*validation.jsonl: line 1 is not valid JSON: .*");
    write("piqa/validation.jsonl", "");
    eval("--tasks=piqa").assertRefused("task piqa: there is no document in .*");
    Files.delete(data.resolve("piqa/validation.jsonl"));
    write("piqa/validation.parquet", "PAR1 and no more");
    eval("--tasks=piqa").assertRefused(".*validation.parquet: is no Parquet file .*");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedBeforeTheModelRuns() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    eval("--tasks=piqa", "--output=" + file).assertRefused("--output .*file: .*");
    Path output = Files.createDirectories(folder.resolve("read-only"));
    assertTrue(output.toFile().setWritable(false));
    assumeFalse(Files.isWritable(output), "this user may write everywhere");
    eval("--tasks=piqa", "--output=" + output)
        .assertRefused("--output .*read-only: cannot be written: you may not write there");
  }
}
