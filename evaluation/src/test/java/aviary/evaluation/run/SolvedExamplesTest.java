package aviary.evaluation.run;

import static aviary.evaluation.run.ColourTask.COLOURS;
import static aviary.evaluation.run.ColourTask.items;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.task.Request.Loglikelihood;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Solved examples in task files that users write. */
class SolvedExamplesTest {
  @TempDir private Path folder;
  private ColourTask task;

  @BeforeEach
  void writeDocuments() throws IOException {
    task = ColourTask.in(folder);
  }

  /** For each document the things of its examples. */
  private static List<String> shots(TaskData data) throws IOException {
    return items(data).stream()
        .map(item -> ((Loglikelihood) item.question().requests().getFirst()).context())
        .map(context -> context.replaceFirst("A [a-z]\\d is$", ""))
        .map(examples -> examples.replaceAll("A (\\S+) is (green|red)\n\n", "$1 ").strip())
        .toList();
  }

  @Test
  void examplesOfAnotherSplitAreThoseOfPythonsSample() throws IOException {
    // CPython 3.11: r = random.Random(1234); for each document r.sample(range(8), 2)
    assertEquals(
        List.of("x7 x0", "x0 x7", "x0 x5", "x1 x0", "x5 x1", "x0 x7", "x0 x2", "x7 x4"),
        shots(task.open(COLOURS + "training_split: train\n", 2, 1234)));
  }

  @Test
  void aDocumentIsNoneOfItsOwnExamples() throws IOException {
    // CPython 3.11: of r.sample(range(8), 3) the first two that are not the document
    assertEquals(
        List.of("t7 t6", "t6 t4", "t0 t5", "t1 t0", "t3 t0", "t0 t2", "t7 t4", "t2 t0"),
        shots(task.open(COLOURS + "fewshot_split: test\n", 2, 1234)));
    assertEquals(
        List.of("t5 t1", "t0 t7", "t1 t4", "t0 t4", "t0 t7", "t6 t0", "t1 t4", "t0 t6"),
        shots(task.open(COLOURS + "fewshot_split: test\n", 2, 7)));
  }

  @Test
  void examplesMayBeTheFirstOrStandInTheTaskFile() throws IOException {
    String first = "training_split: train\nfewshot_config: {sampler: first_n}\n";
    assertEquals("x0 x1 x2", shots(task.open(COLOURS + first, 3, 1234)).getLast());
    String own =
        """
        num_fewshot: 1
        description: "Colours.\\n"
        fewshot_config:
          sampler: first_n
          samples:
            - {thing: sky, colour: 1}
        """;
    Item item = items(task.open(COLOURS + own, null, 1234)).getFirst();
    assertEquals(
        List.of("Colours.\nA sky is red\n\nA t0 is", " green"),
        item.question().requests().getFirst().arguments());
  }

  @Test
  void aDocumentMayBeItsOwnExampleWhereOnlyATestSplitIsNamed() throws IOException {
    // CPython 3.11: r = random.Random(1234); for each document r.sample(range(8), 2)
    TaskData data = task.open(COLOURS, 2, 1234);
    assertTrue(data.config().mayShowItsAnswer());
    assertEquals(
        List.of("t7 t0", "t0 t7", "t0 t5", "t1 t0", "t5 t1", "t0 t7", "t0 t2", "t7 t4"),
        shots(data));
    for (String named : List.of("fewshot_split: test\n", "training_split: train\n")) {
      try (TaskData other = task.open(COLOURS + named, 2, 1234)) {
        assertFalse(other.config().mayShowItsAnswer(), named);
      }
    }
  }

  @Test
  void examplesMayBePreparedOtherwise() throws IOException {
    String all = COLOURS + "process_docs: {columns: {thing: \"{{thing ~ '!'}}\"}}\n";
    String own =
        """
        fewshot_split: train
        fewshot_config:
          sampler: first_n
          process_docs: {where: "{{colour == 1}}"}
        """;
    assertEquals("x1 x3", shots(all + own));
    assertEquals(
        "x0! x1!", shots(all + "training_split: train\nfewshot_config: {sampler: first_n}\n"));
    assertEquals(
        "x0 x1",
        shots(
            all
                + "fewshot_split: train\nfewshot_config: {sampler: first_n, process_docs: null}\n"));
  }

  /** The things of the first document's two examples. */
  private String shots(String yaml) throws IOException {
    String context =
        (String)
            items(task.open(yaml, 2, 1234))
                .getFirst()
                .question()
                .requests()
                .getFirst()
                .arguments()
                .getFirst();
    return context
        .replaceAll("A t0! is$", "")
        .replaceAll("A (\\S+) is (green|red)\n\n", "$1 ")
        .strip();
  }

  @Test
  void whatTheTaskFixesAtNoExamplesStaysSo() throws IOException {
    try (TaskData data = task.open(COLOURS + "num_fewshot: 0\n", 3, 1234)) {
      assertEquals(0, data.numFewshot());
    }
  }

  @Test
  void tooFewExamplesAreNamedWithWhereTheyAreFrom() {
    assertRefused(
        COLOURS + "fewshot_config: {samples: [{thing: sky, colour: 1}]}\n",
        "--num-fewshot 2: fewshot_config has 1 documents, and 2 are needed for task colours");
    InputException e =
        assertThrows(
            InputException.class,
            () -> items(task.open(COLOURS + "fewshot_split: test\n", 8, 1234)));
    assertEquals(
        "--num-fewshot 8: the split test of me/colours has 8 documents, and 9 are needed for task"
            + " colours",
        e.getMessage());
  }

  @Test
  void examplesThatCannotBeWrittenAreNamed() {
    String choices = "training_split: train\nfewshot_config: {doc_to_choice: [green]}\n";
    assertRefused(
        COLOURS + choices,
        "task colours: document 0 has an example's answer that is none of its choices");
    assertRefused(
        COLOURS + "training_split: train\nfewshot_config: {doc_to_target: others}\n",
        "task colours: document 0 has an example's answer that is none of its choices");
  }

  private void assertRefused(String yaml, String message) {
    InputException e = assertThrows(InputException.class, () -> items(task.open(yaml, 2, 1234)));
    assertEquals(message, e.getMessage());
  }
}
