package aviary.evaluation.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Engine;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.metric.DocumentScores;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.run.TaskData.Items;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Task files that users write: solved examples, generated texts, and how little is run for them.
 */
class UserTaskTest {
  private static final String COLOURS =
      """
      task: colours
      dataset_path: me/colours
      output_type: multiple_choice
      test_split: test
      doc_to_text: "A {{thing}} is"
      doc_to_choice: [green, red]
      doc_to_target: colour
      """;

  @TempDir private Path folder;

  @BeforeEach
  void writeDocuments() throws IOException {
    write("test", "t", 8);
    write("train", "x", 8);
  }

  private void write(String split, String letter, int count) throws IOException {
    Path place = Files.createDirectories(folder.resolve("data/colours"));
    Files.write(
        place.resolve(split + ".jsonl"),
        IntStream.range(0, count)
            .mapToObj(i ->
                "{\"thing\": \"%s%d\", \"colour\": %d, \"others\": []}".formatted(letter, i, i % 2))
            .toList());
  }

  private TaskData open(String yaml, Integer shots, long seed) throws IOException {
    Path file = Files.writeString(folder.resolve("colours.yaml"), yaml);
    TaskConfig task = TaskLibrary.read(List.of(file)).select(List.of("colours")).tasks().getFirst();
    return TaskData.open(
        task, new DataFolder(folder.resolve("data")), new RunOptions(shots, seed, null, 0, 4));
  }

  private static List<Item> items(TaskData data) throws IOException {
    List<Item> all = new ArrayList<>();
    try (data;
        Items items = data.items()) {
      for (Item item = items.next(); item != null; item = items.next()) {
        all.add(item);
      }
    }
    return all;
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
        shots(open(COLOURS + "training_split: train\n", 2, 1234)));
  }

  @Test
  void aDocumentIsNoneOfItsOwnExamples() throws IOException {
    // CPython 3.11: of r.sample(range(8), 3) the first two that are not the document
    assertEquals(
        List.of("t7 t6", "t6 t4", "t0 t5", "t1 t0", "t3 t0", "t0 t2", "t7 t4", "t2 t0"),
        shots(open(COLOURS + "fewshot_split: test\n", 2, 1234)));
    assertEquals(
        List.of("t5 t1", "t0 t7", "t1 t4", "t0 t4", "t0 t7", "t6 t0", "t1 t4", "t0 t6"),
        shots(open(COLOURS + "fewshot_split: test\n", 2, 7)));
  }

  @Test
  void examplesMayBeTheFirstOrStandInTheTaskFile() throws IOException {
    String first = "training_split: train\nfewshot_config: {sampler: first_n}\n";
    assertEquals("x0 x1 x2", shots(open(COLOURS + first, 3, 1234)).getLast());
    String own =
        """
        num_fewshot: 1
        description: "Colours.\\n"
        fewshot_config:
          sampler: first_n
          samples:
            - {thing: sky, colour: 1}
        """;
    Item item = items(open(COLOURS + own, null, 1234)).getFirst();
    assertEquals(
        List.of("Colours.\nA sky is red\n\nA t0 is", " green"),
        item.question().requests().getFirst().arguments());
  }

  @Test
  void aDocumentMayBeItsOwnExampleWhereOnlyATestSplitIsNamed() throws IOException {
    // CPython 3.11: r = random.Random(1234); for each document r.sample(range(8), 2)
    TaskData data = open(COLOURS, 2, 1234);
    assertTrue(data.config().mayShowItsAnswer());
    assertEquals(
        List.of("t7 t0", "t0 t7", "t0 t5", "t1 t0", "t5 t1", "t0 t7", "t0 t2", "t7 t4"),
        shots(data));
    for (String named : List.of("fewshot_split: test\n", "training_split: train\n")) {
      try (TaskData other = open(COLOURS + named, 2, 1234)) {
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
            items(open(yaml, 2, 1234))
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
  void tooFewExamplesAreNamedWithWhereTheyAreFrom() {
    assertRefused(
        COLOURS + "fewshot_config: {samples: [{thing: sky, colour: 1}]}\n",
        "--num-fewshot 2: fewshot_config has 1 documents, and 2 are needed for task colours");
    InputException e =
        assertThrows(
            InputException.class, () -> items(open(COLOURS + "fewshot_split: test\n", 8, 1234)));
    assertEquals(
        "--num-fewshot 8: the split test of me/colours has 8 documents, and 9 are needed for task"
            + " colours",
        e.getMessage());
  }

  @Test
  void labelsThatAreNoChoiceCountAsWrongAndAreCounted() throws IOException {
    Files.writeString(
        folder.resolve("data/colours/test.jsonl"),
        """
        {"thing": "t0", "colour": 1}
        {"thing": "t1", "colour": -1}
        {"thing": "t2", "colour": 2}
        {"thing": "t3", "colour": 0}
        """);
    StrayLabels strays = new StrayLabels();
    List<Object> scores = new ArrayList<>();
    TaskData data = open(COLOURS, 0, 1234);
    for (Item item : items(data)) {
      strays.count(item);
      List<Response> answers =
          List.of(new Response.Likelihood(-2, false), new Response.Likelihood(-1, true));
      scores.add(DocumentScores.of(data.config(), item.question(), answers).get("acc"));
    }
    assertEquals(List.of(1.0, 0.0, 0.0, 0.0), scores);
    assertEquals(
        "task colours: 2 of 4 documents have a label that is none of their choices, and count as"
            + " wrong; the first is document 1, with the label -1 and 2 choices",
        strays.notice("colours", 4).orElseThrow());
  }

  @Test
  void anEmptyChoiceIsNeverTheMostLikelyForItsLength() throws IOException {
    TaskData data = open(COLOURS.replace("[green, red]", "['', red, green]"), 0, 1234);
    Item item = items(data).getFirst();
    assertEquals(List.of("A t0 is", " "), item.question().requests().getFirst().arguments());
    List<Response> answers =
        List.of(
            new Response.Likelihood(-1, false),
            new Response.Likelihood(-3, false),
            new Response.Likelihood(-20, false));
    assertEquals(
        Map.of("acc", 1.0, "acc_norm", 0.0),
        DocumentScores.of(data.config(), item.question(), answers));
  }

  @Test
  void whatTheTaskFixesAtNoExamplesStaysSo() throws IOException {
    try (TaskData data = open(COLOURS + "num_fewshot: 0\n", 3, 1234)) {
      assertEquals(0, data.numFewshot());
    }
  }

  private void assertRefused(String yaml, String message) {
    InputException e = assertThrows(InputException.class, () -> items(open(yaml, 2, 1234)));
    assertEquals(message, e.getMessage());
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

  private static final String GENERATED =
      """
      task: colours
      dataset_path: me/colours
      output_type: generate_until
      test_split: test
      doc_to_text: "A {{thing}} is"
      doc_to_target: "{{['green', 'light green']}}"
      generation_kwargs: {until: ["\\n", "."], max_gen_toks: 3, do_sample: false}
      metric_list:
        - metric: exact_match
          ignore_case: true
          ignore_punctuation: true
          ignore_numbers: true
          regexes_to_ignore: ["^ ", "about "]
      """;

  @Test
  void generatedTextsAreComparedWithEachRightOneButForWhatDoesNotMatter() throws IOException {
    TaskData data = open(GENERATED, null, 1234);
    Item item = items(data).getFirst();
    assertEquals(
        "[\"A t0 is\", {\"until\": [\"\\n\", \".\"], \"max_gen_toks\": 3, \"do_sample\": false}]",
        PythonJson.line(item.question().requests().getFirst().arguments()));
    assertEquals(1.0, exactMatch(data, item, " about Light gr33een,"));
    assertEquals(1.0, exactMatch(data, item, " GREEN!"));
    assertEquals(0.0, exactMatch(data, item, "greenish"));
    assertEquals(0.0, exactMatch(data, item, ""));
  }

  @Test
  void aPositionStandsForTheTextThatIsToBeGenerated() throws IOException {
    String chosen =
        GENERATED.replace("\"{{['green', 'light green']}}\"", "%s\ndoc_to_choice: [green, red]");
    for (String label : List.of("1", "true", "-1", "\"{{1}}\"")) {
      TaskData data = open(chosen.formatted(label), null, 1234);
      Item item = items(data).getFirst();
      assertEquals(1.0, exactMatch(data, item, "red"), label);
      assertEquals(0.0, exactMatch(data, item, "green"), label);
      assertFalse(item.question().gold().stray());
    }
    TaskData data = open(chosen.formatted("2"), null, 1234);
    Item item = items(data).getFirst();
    assertEquals(0.0, exactMatch(data, item, "2"));
    assertTrue(item.question().gold().stray());
  }

  private static Object exactMatch(TaskData data, Item item, String said) {
    return DocumentScores.of(data.config(), item.question(), List.of(new Response.Generated(said)))
        .get("exact_match");
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
    Model model =
        RandomModels.all().stream()
            .filter(random -> random.config().vocabulary() == 256)
            .findFirst()
            .orElseThrow()
            .model();
    RunOptions options = new RunOptions(shots, 1234, null, 0, 4);
    Path answers = folder.resolve("answers");
    Files.deleteIfExists(answers);
    try (Engine engine = ReferenceBackend.engine(model);
        Scorer scorer =
            new Scorer(engine, new ByteTokenizer(), new ScoringOptions(3, share, 0), _ -> {});
        TaskData data = open(yaml, shots, 1234)) {
      Evaluation evaluation = new Evaluation(scorer, options);
      evaluation.answer(data, answers, (_, _) -> {});
      evaluation.score(data, answers, Evaluation.Samples.NONE);
      return scorer.tokens();
    }
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
        folder.resolve("data/colours/test.jsonl"),
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
}
