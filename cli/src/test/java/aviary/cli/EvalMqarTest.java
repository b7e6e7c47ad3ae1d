package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** MQAR as a task, beside tasks that have data sets. */
class EvalMqarTest {
  @TempDir private Path root;
  private EvalFolder folder;

  @BeforeEach
  void writeModelAndData() throws IOException {
    folder = EvalFolder.in(root);
  }

  /** Of sizes that the model has tokens for. */
  private String[] smallMqar(int examples, String... more) throws IOException {
    Path task = root.resolve("small.yaml");
    Files.writeString(
        task,
        """
        task: small_mqar
        custom_dataset:
          mqar: {vocab_size: 100, length: 16, pairs: 2, examples: %d, seed: 4}
        output_type: labelled_tokens
        doc_to_text: tokens
        doc_to_target: labels
        """
            .formatted(examples));
    return with(new String[] {"--include=" + task}, more);
  }

  @Test
  void mqarStandsInTheTableWithOthers() throws IOException {
    String table =
        folder.eval(smallMqar(50, "--tasks=small_mqar,piqa", "--num-fewshot=1")).ok().out();
    assertTrue(table.contains("|small_mqar|Yaml   |none  |     0|acc     |"), table);
    assertTrue(table.contains("|piqa      |      1|none  |     1|acc     |"), table);
  }

  @Test
  void mqarNeedsNeitherDataNorVocabulary() throws IOException {
    Path words = SmallModel.ofWords(root);
    String[] task =
        with(new String[] {"eval", "--model=" + words, "--tasks=small_mqar"}, smallMqar(50));
    Run run = Run.of(task);
    assertTrue(run.ok().out().contains("|small_mqar|"), run.out());
    assertTrue(run.err().startsWith("50 documents in "), run.err());
  }

  @Test
  void mqarsFilesAreLaidOutAsThoseOfOthers() throws IOException {
    String[] task = smallMqar(50, "--tasks=small_mqar", "--batch-size=2", "--log-samples");
    Path whole = root.resolve("whole");
    folder.eval(with(task, "--output=" + whole)).ok();
    JsonNode results = new JsonMapper().readTree(only(whole, "results_*.json").toFile());
    assertEquals(50, results.at("/n-samples/small_mqar/effective").asInt());
    assertEquals(2, results.at("/configs/small_mqar/custom_dataset/mqar/pairs").asInt());
    List<String> samples = Files.readAllLines(only(whole, "samples_small_mqar_*.jsonl"));
    assertEquals(50, samples.size());
    double sum = 0;
    for (String sample : samples) {
      JsonNode line = new JsonMapper().readTree(sample);
      assertEquals(16, line.at("/arguments/gen_args_0/arg_0").size());
      assertEquals(2, line.at("/filtered_resps/0").size());
      sum += line.get("acc").asDouble();
    }
    assertEquals(sum / 50, results.at("/results/small_mqar/acc,none").asDouble(), 1e-12);
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

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }
}
