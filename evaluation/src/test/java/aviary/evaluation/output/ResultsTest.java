package aviary.evaluation.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.evaluation.metric.TaskScores.Score;
import aviary.evaluation.run.TaskResult;
import aviary.evaluation.task.Selection;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The tables are those that lm-evaluation-harness 0.4.13 prints of such numbers. */
class ResultsTest {

  @Test
  void columnsOfNumbersHaveTheDecimalsThatTheyNeed() {
    assertEquals(
        """
        |Name|Value |   |Stderr|
        |----|-----:|---|------|
        |a   |1.2300|±  |   N/A|
        |日本|0.5000|±  |0.0650|
        |b\\|c|0.1234|±  |     0|
        """,
        MarkdownTable.of(
            List.of("Name", "Value", "", "Stderr"),
            List.of(
                List.of("a", "1.2300", "±", "   N/A"),
                List.of("日本", "0.5000", "±", "0.0650"),
                List.of("b|c", "0.1234", "±", "0.0000"))));
    assertEquals(
        """
        |n-shot| Value |   |
        |-----:|------:|---|
        |     0|1234567|±  |
        |      |      0|±  |
        """,
        MarkdownTable.of(
            List.of("n-shot", "Value", ""),
            List.of(List.of("0", "1234567.0000", "±"), List.of(" ", "0.0000", "±"))));
  }

  private static TaskResult result(TaskConfig task, int size, double acc, double error) {
    Map<String, Score> scores = new LinkedHashMap<>();
    scores.put("acc", new Score(acc, OptionalDouble.of(error)));
    if (task.name().startsWith("lambada")) {
      scores.put("perplexity", new Score(10 * acc, OptionalDouble.of(10 * error)));
    }
    return new TaskResult(task, 2, size, size, scores, null);
  }

  private static Results results(String name) throws IOException {
    Selection selection = TaskLibrary.read(List.of()).select(List.of(name));
    List<TaskResult> results = new ArrayList<>();
    for (TaskConfig task : selection.tasks()) {
      int i = results.size();
      results.add(result(task, 10 + 10 * i, 0.25 + 0.125 * i, 0.0625 + i / 64.0));
    }
    return Results.of(selection, results);
  }

  @Test
  void aGroupIsTheMeanOverItsTasksByTheirSizesOrNot() throws IOException {
    Map<?, ?> group =
        (Map<?, ?>)
            ((Map<?, ?>) results("lambada_multilingual").fields().get("groups"))
                .get("lambada_multilingual");
    // (10 * 0.25 + 20 * 0.375 + 30 * 0.5 + 40 * 0.625 + 50 * 0.75) / 150
    assertEquals(87.5 / 150, (Double) group.get("acc,none"), 1e-12);
    // The pooled variance: the root of the sum of (n - 1) n e^2 over (150 - 5) 150.
    double pooled = 0;
    double errors = 0;
    for (int i = 0; i < 5; i++) {
      double size = 10 + 10 * i;
      double error = 0.0625 + i / 64.0;
      pooled += (size - 1) * size * error * error;
      errors += 100 * error * error;
    }
    assertEquals(Math.sqrt(pooled / 145 / 150), (Double) group.get("acc_stderr,none"), 1e-12);
    assertEquals(5.0, (Double) group.get("perplexity,none"), 1e-12);
    assertEquals(Math.sqrt(errors) / 5, (Double) group.get("perplexity_stderr,none"), 1e-12);
    assertEquals(150L, group.get("sample_len"));
  }

  @Test
  void groupsStandAboveTheirTasksAndHaveATableOfTheirOwn() throws IOException {
    assertEquals(
        """
        |     Tasks     |Version|Filter|n-shot|Metric|   |Value |   |Stderr|
        |---------------|------:|------|-----:|------|---|-----:|---|-----:|
        |xwinograd      |      1|none  |     2|acc   |↑  |0.6667|±  |0.0566|
        | - xwinograd_en|      1|none  |     2|acc   |↑  |0.2500|±  |0.0625|
        | - xwinograd_fr|      1|none  |     2|acc   |↑  |0.3750|±  |0.0781|
        | - xwinograd_jp|      1|none  |     2|acc   |↑  |0.5000|±  |0.0938|
        | - xwinograd_pt|      1|none  |     2|acc   |↑  |0.6250|±  |0.1094|
        | - xwinograd_ru|      1|none  |     2|acc   |↑  |0.7500|±  |0.1250|
        | - xwinograd_zh|      1|none  |     2|acc   |↑  |0.8750|±  |0.1406|

        | Groups  |Version|Filter|n-shot|Metric|   |Value |   |Stderr|
        |---------|------:|------|-----:|------|---|-----:|---|-----:|
        |xwinograd|      1|none  |     2|acc   |↑  |0.6667|±  |0.0566|
        """,
        results("xwinograd").tables());
  }
}
