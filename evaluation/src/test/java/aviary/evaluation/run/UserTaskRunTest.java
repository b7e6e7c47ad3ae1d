package aviary.evaluation.run;

import static aviary.evaluation.run.ColourTask.COLOURS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Engine;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Task files that users write are run: how little, and what a score lacks. */
class UserTaskRunTest {
  @TempDir private Path folder;
  private ColourTask task;

  @BeforeEach
  void writeDocuments() throws IOException {
    task = ColourTask.in(folder);
  }

  @Test
  void contextsAndExamplesAreRunOnce() throws IOException {
    String first = "training_split: train\nfewshot_config: {sampler: first_n}\n";
    // Two windows of four documents. In each, once: the examples, "A t" of all documents, "N is"
    // of each, and " gree" and "re" (behind the same " ") of the choices, whose last letter is only
    // expected.
    int examples = "A x0 is green\n\nA x1 is red\n\n".length();
    int document = "0 is".length() + " gree".length() + "re".length();
    assertEquals(2 * (examples + "A t".length() + 4 * document), run(COLOURS + first, 2, true));
    int whole = examples + "A t0 is".length();
    assertEquals(
        8 * (whole + " gree".length() + whole + " re".length()), run(COLOURS + first, 2, false));
  }

  @Test
  void aPassageThatIsAskedTwiceIsRunOnce() throws IOException {
    String passage = "A long passage. ".repeat(20);
    Files.writeString(
        task.data().resolve("test.jsonl"),
        """
        {"thing": "%1$sWho?", "colour": 0}
        {"thing": "%1$sWhy?", "colour": 1}
        """
            .formatted(passage));
    int choices = " gree".length() + "re".length();
    assertEquals(
        "A ".length()
            + passage.length()
            + "Wh".length()
            + "o? is".length()
            + "y? is".length()
            + 2 * choices,
        run(COLOURS, null, true));
  }

  @Test
  void whatAScoreNeedsAndADocumentHasNotIsNamedWithTheDocument() throws IOException {
    String rolling =
        """
        task: colours
        dataset_path: me/colours
        output_type: loglikelihood_rolling
        test_split: test
        doc_to_target: thing
        process_results: {counts_of: page}
        """;
    InputException e = assertThrows(InputException.class, () -> run(rolling, null, true));
    assertEquals(
        "task colours: document 0: it has no column page; it has thing, colour, others",
        e.getMessage());
  }

  /** How many tokens are run for a task, where every byte is one. */
  private long run(String yaml, Integer shots, boolean share) throws IOException {
    Model model = RandomModels.ofBytes().model();
    RunOptions options = new RunOptions(shots, 1234, null, 0, 4);
    Path answers = folder.resolve("answers");
    Files.deleteIfExists(answers);
    try (Engine engine = ReferenceBackend.engine(model);
        Scorer scorer =
            new Scorer(engine, new ByteTokenizer(), new ScoringOptions(3, share, 0), _ -> {});
        TaskData data = task.open(yaml, shots, 1234)) {
      Evaluation evaluation = new Evaluation(scorer, options);
      evaluation.answer(data, answers, (_, _) -> {});
      evaluation.score(data, answers, Evaluation.Samples.NONE);
      return scorer.tokens();
    }
  }
}
