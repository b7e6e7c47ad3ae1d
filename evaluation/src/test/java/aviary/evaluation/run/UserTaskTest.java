package aviary.evaluation.run;

import static aviary.evaluation.run.ColourTask.COLOURS;
import static aviary.evaluation.run.ColourTask.items;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.evaluation.data.PythonJson;
import aviary.evaluation.metric.DocumentScores;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.task.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels and generated texts in task files that users write. */
class UserTaskTest {
  @TempDir private Path folder;
  private ColourTask task;

  @BeforeEach
  void writeDocuments() throws IOException {
    task = ColourTask.in(folder);
  }

  @Test
  void labelsThatAreNoChoiceCountAsWrongAndAreCounted() throws IOException {
    Files.writeString(
        task.data().resolve("test.jsonl"),
        """
        {"thing": "t0", "colour": 1}
        {"thing": "t1", "colour": -1}
        {"thing": "t2", "colour": 2}
        {"thing": "t3", "colour": 0}
        """);
    StrayLabels strays = new StrayLabels();
    List<Object> scores = new ArrayList<>();
    TaskData data = task.open(COLOURS, 0, 1234);
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
    TaskData data = task.open(COLOURS.replace("[green, red]", "['', red, green]"), 0, 1234);
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
    TaskData data = task.open(GENERATED, null, 1234);
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
      TaskData data = task.open(chosen.formatted(label), null, 1234);
      Item item = items(data).getFirst();
      assertEquals(1.0, exactMatch(data, item, "red"), label);
      assertEquals(0.0, exactMatch(data, item, "green"), label);
      assertFalse(item.question().gold().stray());
    }
    TaskData data = task.open(chosen.formatted("2"), null, 1234);
    Item item = items(data).getFirst();
    assertEquals(0.0, exactMatch(data, item, "2"));
    assertTrue(item.question().gold().stray());
  }

  private static Object exactMatch(TaskData data, Item item, String said) {
    return DocumentScores.of(data.config(), item.question(), List.of(new Response.Generated(said)))
        .get("exact_match");
  }
}
