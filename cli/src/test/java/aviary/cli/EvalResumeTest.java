package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Runs that are cut off, and go on. */
class EvalResumeTest {
  private static final Pattern DATE =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{6}");
  private static final List<String> OF_TIME = List.of("date", "total_evaluation_time_seconds");

  @TempDir private Path root;
  private EvalFolder folder;

  @BeforeEach
  void writeModelAndData() throws IOException {
    folder = EvalFolder.in(root);
  }

  private Run eval(String... more) {
    return folder.eval(more);
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }

  /** How many whole lines a file has. */
  private static long lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file).chars().filter(c -> c == '\n').count() : 0;
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

  /**
   * Runs {@code eval} in a process of its own, and ends that as {@code kill -9} does.
   *
   * @param answers the file in which answers come
   * @param documents how many there are to be before
   */
  private void killAfter(Path answers, long documents, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-classpath",
                System.getProperty("java.class.path"),
                "aviary.cli.Main"));
    command.addAll(Arrays.asList(folder.arguments(more)));
    Path log = root.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (process.isAlive() && lines(answers) < documents) {
      Thread.sleep(2);
    }
    // On Unix SIGKILL, which no process can answer.
    process.destroyForcibly().waitFor();
    assertTrue(lines(answers) >= documents, Files.readString(log));
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void aRunThatIsKilledAgainAndAgainEndsWithTheSameFiles()
      throws IOException, InterruptedException {
    int documents = 600;
    StringBuilder texts = new StringBuilder();
    for (int i = 0; i < documents; i++) {
      texts.append("{\"text\": \"%s%d and %d\"}\n".formatted("word ".repeat(1 + i % 30), i, i * i));
    }
    folder.write("lambada_openai/default/test.jsonl", texts.toString());
    String[] tasks = {"--tasks=piqa,lambada_openai", "--log-samples", "--batch-size=2"};
    Path whole = root.resolve("whole");
    eval(with(tasks, "--output", whole.toString())).ok();

    Path cut = root.resolve("cut");
    Path unfinished = cut.resolve("bytes.safetensors/unfinished");
    Path answers = unfinished.resolve("lambada_openai.jsonl");
    String[] resumed = with(tasks, "--output", cut.toString(), "--resume");
    killAfter(unfinished.resolve("piqa.jsonl"), 3, resumed);
    killAfter(answers, 40, resumed);
    // As if the last line had been cut in the middle, too.
    byte[] bytes = Files.readAllBytes(answers);
    Files.write(answers, Arrays.copyOf(bytes, bytes.length - 7));
    killAfter(answers, 200, resumed);
    long kept = lines(answers);
    assertTrue(kept < documents, kept + " of the documents had been answered");

    Run last = eval(resumed).ok();
    assertEquals(files(whole), files(cut));
    int ran = Integer.parseInt(last.err().replaceFirst("(?s) documents.*", "").strip());
    // At most a window of eight documents is run again.
    assertTrue(ran > 0 && ran <= documents - kept + 8, ran + " after " + kept);
  }

  @Test
  void anotherRunIsNotGoneOnWith() throws IOException {
    Path output = root.resolve("out");
    String before =
        "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 0}\n".repeat(40)
            + "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": null, \"label\": 0}\n";
    folder.write("piqa/validation.jsonl", before);
    String[] same = {"--tasks=piqa", "--batch-size=2", "--output", output.toString()};
    // The answers before the bad document are kept.
    eval(same).assertRefused("task piqa: document 40: doc_to_choice: has the choice None, .*");
    assertEquals(40, lines(output.resolve("bytes.safetensors/unfinished/piqa.jsonl")));
    eval(with(same, "--resume", "--limit=3"))
        .assertRefused("--resume: the run in .*out.* had another limit \\(None, now 3.0\\); .*");
    eval(with(same, "--resume", "--no-fork"))
        .assertRefused("--resume: .* had another forking \\(True, now False\\).*");
    eval(with(same, "--resume", "--num-fewshot=1"))
        .assertRefused("--resume: .* task file of piqa .*");
    folder.write(
        "piqa/validation.jsonl",
        "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\", \"label\": 0}\n");
    eval(with(same, "--resume")).assertRefused("--resume: .* another data of task piqa .*");
    folder.write("piqa/validation.jsonl", before.replaceFirst("c", "d"));
    eval(with(same, "--resume")).assertRefused("--resume: .* another data of task piqa .*");
    folder.write("piqa/validation.jsonl", before);
    String[] otherDraws = folder.arguments(with(same, "--resume"));
    Arrays.setAll(
        otherDraws, i -> otherDraws[i].replace("--bootstrap-iters=100", "--bootstrap-iters=7"));
    Run.of(otherDraws)
        .assertRefused("--resume: .* another number of bootstrap iterations \\(100, now 7\\); .*");
    // Without --resume it is not begun anew either.
    eval(same)
        .assertRefused(
            "--output: .*out.*unfinished has the answers of a run that was cut off; go on with"
                + " --resume, or name another --output");
    assertEquals(40, lines(output.resolve("bytes.safetensors/unfinished/piqa.jsonl")));
    // Any bit of any tensor: the middle of the file is in one.
    byte[] weights = Files.readAllBytes(folder.model());
    weights[weights.length / 2] ^= 1;
    Files.write(folder.model(), weights);
    eval(with(same, "--resume")).assertRefused("--resume: .* another model's weights .*");
  }

  @Test
  void otherExamplesAreNotGoneOnWith() throws IOException {
    Path output = root.resolve("out");
    String bad = "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": null, \"label\": 0}\n";
    folder.write("piqa/validation.jsonl", bad.replace("null", "\"c\"").repeat(40) + bad);
    String[] same = {
      "--tasks=piqa", "--num-fewshot=1", "--batch-size=2", "--output", output.toString()
    };
    eval(same).assertRefused("task piqa: document 40: .*");
    Path train = folder.data().resolve("piqa/train.jsonl");
    Files.writeString(train, Files.readString(train).replace("spoon", "spool"));
    eval(with(same, "--resume"))
        .assertRefused("--resume: .* another data of examples of task piqa .*");
  }
}
