package aviary.evaluation.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.evaluation.data.DataFolder;
import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.metric.DocumentScores;
import aviary.evaluation.metric.TaskScores;
import aviary.evaluation.metric.TaskScores.Score;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.run.TaskData.Items;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents written for each task give the requests, the scores and the results that
 * lm-evaluation-harness 0.4.13 gives, when the model answers by a rule.
 */
class EveryTaskTest {
  /** The numbers are the same but for the order in which they are added. */
  private static final double TOLERANCE = 1e-12;

  private static final int DRAWS = 1000;

  @TempDir private Path folder;

  static List<Map<String, Object>> tasks() throws IOException, URISyntaxException {
    Path file = Path.of(TaskLibrary.class.getResource("tasks.jsonl").toURI());
    List<Map<String, Object>> tasks = new ArrayList<>();
    try (JsonLinesReader reader = new JsonLinesReader(file)) {
      for (Map<String, Object> task = reader.next(); task != null; task = reader.next()) {
        tasks.add(task);
      }
    }
    return tasks;
  }

  /** How likely the model has it: something that depends on every byte. */
  static Response answer(Request request) {
    return switch (request) {
      case Request.Loglikelihood(String context, String continuation) ->
          new Response.Likelihood(
              logProbability(context, continuation), sum(continuation) % 3 == 0);
      case Request.Rolling(String text) -> new Response.Rolling(logProbability("", text));
      case Request.Generate _, Request.LabelledTokens _ -> throw new AssertionError();
    };
  }

  private static double logProbability(String context, String continuation) {
    int bytes = continuation.getBytes(StandardCharsets.UTF_8).length;
    int contextBytes = context.getBytes(StandardCharsets.UTF_8).length;
    return -(bytes + (sum(continuation) + contextBytes) % 13 / 4.0);
  }

  private static int sum(String text) {
    int sum = 0;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      sum += b & 0xff;
    }
    return sum;
  }

  @SuppressWarnings("unchecked") // The files are objects in objects.
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void requestsScoresAndResultsAreThoseOfLmEval(Map<String, Object> expected) throws IOException {
    String name = (String) expected.get("task");
    TaskConfig task = TaskLibrary.read(List.of()).select(List.of(name)).tasks().getFirst();
    assertEquals(expected.get("version"), task.version());
    write(map(expected.get("data")), (List<?>) expected.get("documents"));
    List<?> samples = (List<?>) expected.get("samples");
    TaskScores scores = new TaskScores(task);
    try (TaskData data = TaskData.open(task, new DataFolder(folder), RunOptions.DEFAULT);
        Items items = data.items()) {
      for (Item item = items.next(); item != null; item = items.next()) {
        Map<String, Object> sample = map(samples.get(item.id()));
        List<Request> requests = item.question().requests();
        assertEquals(
            PythonJson.line(sample.get("arguments")),
            PythonJson.line(requests.stream().map(Request::arguments).toList()));
        List<Response> responses = requests.stream().map(EveryTaskTest::answer).toList();
        Map<String, Object> its = DocumentScores.of(task, item.question(), responses);
        assertEquals(
            PythonJson.line(sample.get("scores")), PythonJson.line(its), "document " + item.id());
        scores.add(its);
      }
      assertEquals(samples.size(), scores.size());
      assertEquals(samples.size(), data.documents());
    }
    assertResults(map(expected.get("results")), scores.scores(DRAWS));
  }

  private static void assertResults(Map<String, Object> expected, Map<String, Score> scores) {
    Map<String, Object> found = new LinkedHashMap<>();
    scores.forEach((metric, score) -> {
      found.put(metric + ",none", score.value());
      found.put(
          metric + "_stderr,none",
          score.standardError().isPresent() ? score.standardError().getAsDouble() : "N/A");
    });
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((key, value) -> {
      if (value instanceof Number number) {
        double wanted = number.doubleValue();
        assertEquals(wanted, (Double) found.get(key), TOLERANCE * Math.abs(wanted), key);
      } else {
        assertEquals(value, found.get(key), key);
      }
    });
  }

  private void write(Map<String, Object> data, List<?> documents) throws IOException {
    Path path = folder.resolve((String) data.get("path"));
    Path place = data.get("name") == null ? path : path.resolve((String) data.get("name"));
    Files.createDirectories(place);
    StringBuilder lines = new StringBuilder();
    documents.forEach(document -> lines.append(PythonJson.line(document)).append('\n'));
    Files.writeString(place.resolve(data.get("split") + ".jsonl"), lines);
  }

  @Test
  void noTaskIsLeftOut() throws Exception {
    TreeSet<Object> tested = new TreeSet<>();
    tasks().forEach(task -> tested.add(task.get("task")));
    TreeSet<Object> known = new TreeSet<>();
    TaskLibrary.read(List.of()).tasks().stream()
        .filter(task -> task.made() == null) // lm-evaluation-harness has none of these.
        .forEach(task -> known.add(task.name()));
    assertEquals(known, tested);
    assertTrue(known.size() >= 68);
  }
}
