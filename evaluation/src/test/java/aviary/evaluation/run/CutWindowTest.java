package aviary.evaluation.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModels;
import aviary.engine.Backends;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import aviary.model.Model;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that ends within a window goes on with the documents of the window that it lacks. */
class CutWindowTest {
  private static final int DOCUMENTS = 50;
  private static final int WINDOW = 32;
  private static final Model MODEL = RandomModels.ofBytes().model();
  private static final String BEGIN = "task: cut\ndataset_path: me/cut\ntest_split: test\n";

  @TempDir private Path folder;
  private Path whole;
  private Path cut;

  @BeforeEach
  void writeDocuments() throws IOException {
    Path place = Files.createDirectories(folder.resolve("data/cut"));
    Files.write(
        place.resolve("test.jsonl"),
        IntStream.range(0, DOCUMENTS)
            .mapToObj(i ->
                "{\"text\": \"%d %s\", \"tokens\": [1, %d, 3], \"labels\": [-1, -1, 4]}"
                    .formatted(i, "word ".repeat(1 + i * 7 % 11), 5 + i))
            .toList());
    whole = folder.resolve("whole");
    cut = folder.resolve("cut");
  }

  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** How many tokens are run until the end, or until the listener ends it. */
  private long answer(String yaml, Path answers, boolean share, LongConsumer listener)
      throws IOException {
    Path file = Files.writeString(folder.resolve("cut.yaml"), yaml);
    TaskConfig task = TaskLibrary.read(List.of(file)).select(List.of("cut")).tasks().getFirst();
    RunOptions options = new RunOptions(null, 1234, null, 0, WINDOW);
    try (Engine engine = Backends.open(MODEL, "cpu", EngineOptions.DEFAULT);
        Scorer scorer =
            new Scorer(engine, new ByteTokenizer(), new ScoringOptions(4, share, 0), listener);
        TaskData data = TaskData.open(task, new DataFolder(folder.resolve("data")), options)) {
      try {
        new Evaluation(scorer, options).answer(data, answers, (_, _) -> {});
      } catch (Cut e) {
        // As intended; what was answered before is in the file.
      }
      return scorer.tokens();
    }
  }

  /** Ends runs after so many batches again and again. */
  private void cutAgainAndAgain(String yaml, boolean share, int batches) throws IOException {
    long all = answer(yaml, whole, share, _ -> {});
    long run = 0;
    int runs = 0;
    boolean[] ended = {true};
    while (ended[0]) {
      assertTrue(runs < 50, "a run did not come further than the one before");
      ended[0] = false;
      int[] left = {batches};
      run +=
          answer(
              yaml,
              cut,
              share,
              _ -> {
                left[0]--;
                if (left[0] < 0) {
                  ended[0] = true;
                  throw new Cut();
                }
              });
      runs++;
    }
    assertEquals(Files.readString(whole), Files.readString(cut));
    assertTrue(runs > 2, runs + " runs");
    // Each run has lost what was begun and not ended: a few batches.
    assertTrue(
        run < all + runs * all / 4, "%d tokens in %d runs, %d in one".formatted(run, runs, all));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void choices(boolean share) throws IOException {
    String yaml =
        BEGIN
            + "output_type: multiple_choice\ndoc_to_text: text\ndoc_to_choice: [one, two, twice]\n"
            + "doc_to_target: 0\n";
    cutAgainAndAgain(yaml, share, 7);
  }

  @Test
  void wholeTexts() throws IOException {
    cutAgainAndAgain(BEGIN + "output_type: loglikelihood_rolling\ndoc_to_target: text\n", true, 5);
  }

  @Test
  void labelledTokens() throws IOException {
    cutAgainAndAgain(
        BEGIN + "output_type: labelled_tokens\ndoc_to_text: tokens\ndoc_to_target: labels\n",
        true,
        3);
  }
}
