package aviary.evaluation.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Engine;
import aviary.evaluation.EvaluationRun;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.output.Results;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.evaluation.task.Selection;
import aviary.evaluation.task.TaskLibrary;
import aviary.model.Model;
import aviary.mqar.MqarFile;
import aviary.mqar.MqarScore;
import aviary.mqar.MqarTask;
import aviary.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks whose documents are token ids: MQAR. */
class LabelledTokensTest {
  private static final MqarTask TASK = new MqarTask(14, 12, 3, true);
  private static final int EXAMPLES = 37;
  private static final Model MODEL = RandomModels.ofBytes().model();
  private static final String QUESTION =
      "output_type: labelled_tokens\ndoc_to_text: tokens\ndoc_to_target: labels\n";
  private static final String MADE =
      "task: small\ncustom_dataset:\n  mqar: {vocab_size: 14, length: 12, pairs: 3,"
          + " examples: 37, seed: 2}\n"
          + QUESTION;

  @TempDir private Path folder;
  private Path yaml;

  @BeforeEach
  void nameFile() {
    yaml = folder.resolve("task.yaml");
  }

  private Selection select(String task) throws IOException {
    Files.writeString(yaml, task);
    return TaskLibrary.read(List.of(yaml)).select(List.of("small"));
  }

  private Map<?, ?> scores(Selection selection, DataFolder data, int batch) throws IOException {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = new Scorer(engine, null, new ScoringOptions(batch, true, 0), _ -> {});
        EvaluationRun run = new EvaluationRun(selection, data, RunOptions.DEFAULT)) {
      Results results = run.run(scorer, Progress.NONE);
      return (Map<?, ?>) ((Map<?, ?>) results.fields().get("results")).get("small");
    }
  }

  @Test
  void theScoreIsThatOfTheCommandOfItsOwn() throws IOException {
    Selection selection = select(MADE);
    assertFalse(selection.readsData());
    assertFalse(selection.readsTexts());
    MqarScore expected;
    try (Engine engine = ReferenceBackend.engine(MODEL)) {
      expected = MqarScore.of(engine, TASK, 2, EXAMPLES, 16, (_, _) -> {});
    }
    for (int batch : new int[] {1, 8, 64}) {
      Map<?, ?> scores = scores(selection, null, batch);
      assertEquals((long) EXAMPLES, scores.get("sample_len"));
      assertEquals(expected.accuracy(), (Double) scores.get("acc,none"), 1e-12);
      assertEquals(expected.standardError(), (Double) scores.get("acc_stderr,none"), 1e-12);
    }
  }

  @Test
  void documentsThatWereWrittenGiveTheSame() throws IOException {
    Path place = Files.createDirectories(folder.resolve("data/me/mqar"));
    new MqarFile(TASK, 2, EXAMPLES, _ -> {}).write(place.resolve("test.jsonl"));
    Map<?, ?> made = scores(select(MADE), null, 8);
    Selection read = select("task: small\ndataset_path: me/mqar\ntest_split: test\n" + QUESTION);
    assertTrue(read.readsData());
    assertFalse(read.readsTexts());
    assertEquals(made, scores(read, new DataFolder(folder.resolve("data")), 8));
  }

  @Test
  void theTaskThatIsBuiltInHasTheUsualSizes() throws IOException {
    Selection selection = TaskLibrary.read(List.of()).select(List.of("mqar"));
    assertEquals(
        "MQAR of 8192 tokens, length 64, 4 pairs, random tokens where nothing is asked, 3000"
            + " examples, seed "
            + MqarTask.EVAL_SEED,
        selection.tasks().getFirst().made().description());
  }

  @Test
  void aModelWithTooFewTokensIsNamed() throws IOException {
    refused(
        MADE.replace("vocab_size: 14", "vocab_size: 9000"),
        "task small: documents 0 to 36: there is the token \\d+, and the model has 256: .*");
  }

  @Test
  void badSizesAreNamedWithTheirPlace() throws IOException {
    refused(
        MADE.replace("pairs: 3", "pairs: 4"),
        ".*task.yaml: custom_dataset: mqar: --pairs 4, --length 12: .*");
    refused(
        MADE.replace("examples: 37", "examples: 0"),
        ".*task.yaml: custom_dataset: mqar: there are 0 examples, wanted 1 or more");
    refused(MADE.replace(", seed: 2", ""), ".*task.yaml: custom_dataset: mqar: there is no seed");
    refused(
        MADE.replace("pairs: 3", "pears: 3"),
        ".*custom_dataset: mqar: there is no field pears; did you mean pairs.*");
    refused(MADE.replace("mqar:", "recall:"), ".*custom_dataset: there is no field recall.*");
    refused(
        "task: small\ncustom_dataset: utils.make\n" + QUESTION,
        ".*task.yaml: custom_dataset: wanted a mapping of fields");
    refused(
        MADE + "dataset_path: me/mqar\n",
        ".*task.yaml: dataset_path is 'me/mqar', wanted none, as there is a custom_dataset");
  }

  @Test
  void documentsThatAreNoTokensAreNamed() throws IOException {
    bad("{\"tokens\": [1, 2], \"labels\": [-1]}", "has 2 tokens and 1 labels");
    bad("{\"tokens\": [1, 2], \"labels\": [-1, -1]}", "has no label");
    bad(
        "{\"tokens\": [1, -1], \"labels\": [-1, 3]}",
        "has no list of token ids: doc_to_text gives \\[1, -1\\]");
    bad(
        "{\"tokens\": \"one\", \"labels\": [3]}",
        "has no list of token ids: doc_to_text gives 'one'");
    bad(
        "{\"tokens\": [1, 2], \"labels\": [0.5, 3]}",
        "has no list of token ids: doc_to_target gives \\[0.5, 3.0\\]");
  }

  private void bad(String line, String message) throws IOException {
    Path place = Files.createDirectories(folder.resolve("data/me/mqar"));
    Files.writeString(place.resolve("test.jsonl"), line + "\n");
    refused(
        "task: small\ndataset_path: me/mqar\ntest_split: test\n" + QUESTION,
        "task small: document 0 " + message);
  }

  private void refused(String task, String message) throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    InputException e =
        assertThrows(
            InputException.class, () -> scores(select(task), new DataFolder(data), 8), message);
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }
}
