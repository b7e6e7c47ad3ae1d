package aviary.evaluation.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.SharedData;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.data.JsonValues;
import aviary.evaluation.data.PythonJson;
import aviary.evaluation.metric.DocumentScores;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.run.TaskData.Items;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.task.TaskLibrary;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which solved examples are chosen, how they are written, and how odd labels and choices are scored
 * is as in lm-evaluation-harness 0.4.13, for combinations of splits and fields.
 */
class FewShotTest {
  @TempDir private Path folder;

  /** A task, and what lm-evaluation-harness makes of it. */
  private record Case(Map<String, Object> task, int shots, Map<String, Object> expected) {}

  @SuppressWarnings("unchecked") // The files are objects in objects.
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** Writes a data set, and reads all tasks at once. */
  private TaskLibrary library(String dataset, Object splits, List<Case> cases) throws IOException {
    Path place = Files.createDirectories(folder.resolve(dataset));
    for (Map.Entry<String, Object> split : map(splits).entrySet()) {
      List<String> lines = ((List<?>) split.getValue()).stream().map(PythonJson::line).toList();
      Files.write(place.resolve(split.getKey() + ".jsonl"), lines);
    }
    Path tasks = Files.createDirectories(folder.resolve("tasks"));
    for (int i = 0; i < cases.size(); i++) {
      Map<String, Object> task = new LinkedHashMap<>(cases.get(i).task);
      task.put("task", "few-shot-" + i);
      // JSON is YAML too.
      Files.writeString(tasks.resolve(i + ".yaml"), PythonJson.line(task));
    }
    return TaskLibrary.read(List.of(tasks));
  }

  private List<Item> items(TaskLibrary library, int task, int shots, Double limit)
      throws IOException {
    return items(library.select(List.of("few-shot-" + task)).tasks().getFirst(), shots, limit);
  }

  private List<Item> items(TaskConfig config, int shots, Double limit) throws IOException {
    RunOptions options = new RunOptions(shots, 1234, limit, 0, 4);
    List<Item> all = new ArrayList<>();
    try (TaskData data = TaskData.open(config, new DataFolder(folder), options);
        Items items = data.items()) {
      for (Item item = items.next(); item != null; item = items.next()) {
        all.add(item);
      }
    }
    return all;
  }

  private static String context(Request request) {
    return (String) request.arguments().getFirst();
  }

  @Test
  void examplesAndScoresAreThoseOfLmEval() throws IOException, URISyntaxException {
    Map<String, Object> shared;
    List<Case> cases = new ArrayList<>();
    Path file = Path.of(FewShotTest.class.getResource("few-shot.jsonl").toURI());
    try (JsonLinesReader lines = new JsonLinesReader(file)) {
      shared = lines.next();
      for (Map<String, Object> line = lines.next(); line != null; line = lines.next()) {
        Map<String, Object> task = new LinkedHashMap<>(map(shared.get("task")));
        task.putAll(map(line.get("task")));
        cases.add(new Case(task, ((Long) line.get("num_fewshot")).intValue(), line));
      }
    }
    assertTrue(cases.size() >= 200);
    TaskLibrary library = library("few", shared.get("data"), cases);
    for (int i = 0; i < cases.size(); i++) {
      Case one = cases.get(i);
      List<?> documents = (List<?>) one.expected.get("documents");
      TaskConfig config = library.select(List.of("few-shot-" + i)).tasks().getFirst();
      List<Item> items = items(library, i, one.shots, (double) documents.size());
      assertEquals(documents.size(), items.size());
      for (Item item : items) {
        String name =
            "%s, %d-shot, document %d".formatted(PythonJson.line(one.task), one.shots, item.id());
        assertSame(name, map(documents.get(item.id())), config, item);
      }
    }
  }

  private static void assertSame(
      String name, Map<String, Object> expected, TaskConfig config, Item item) {
    List<Request> requests = item.question().requests();
    assertEquals(
        expected.get("contexts"),
        requests.stream().map(FewShotTest::context).distinct().toList(),
        name);
    if (expected.get("continuations") instanceof List<?> continuations) {
      assertEquals(
          continuations,
          requests.stream().map(request -> request.arguments().getLast()).toList(),
          name);
    }
    if (expected.get("scores") instanceof List<?> scores) {
      List<Response> responses = requests.stream().map(EveryTaskTest::answer).toList();
      Map<String, Object> found = DocumentScores.of(config, item.question(), responses);
      List<Double> numbers = new ArrayList<>();
      config.metrics().forEach(metric -> addNumbers(numbers, found.get(metric.name())));
      assertEquals(scores, numbers, name);
    }
  }

  private static void addNumbers(List<Double> numbers, Object score) {
    if (score instanceof List<?> several) {
      several.forEach(one -> addNumbers(numbers, one));
    } else {
      numbers.add(((Number) score).doubleValue());
    }
  }

  @Test
  void aBuiltInTaskWithoutATestSplitDrawsOneMore() throws IOException {
    Map<String, Object> splits = new LinkedHashMap<>();
    for (String split : List.of("train", "validation")) {
      List<Object> documents = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        documents.add(
            Map.of("goal", split + i, "sol1", "yes " + i, "sol2", "no " + i, "label", i % 2L));
      }
      splits.put(split, documents);
    }
    library("piqa", splits, List.of());
    TaskConfig piqa = TaskLibrary.read(List.of()).select(List.of("piqa")).tasks().getFirst();
    // CPython 3.11: r = random.Random(1234); for each document r.sample(range(7), 3)[:2]
    assertEquals(
        List.of(
            "Question: train6\nAnswer: yes 6\n\nQuestion: train3\nAnswer: no 3\n\n"
                + "Question: validation0\nAnswer:",
            "Question: train0\nAnswer: yes 0\n\nQuestion: train6\nAnswer: yes 6\n\n"
                + "Question: validation1\nAnswer:",
            "Question: train0\nAnswer: yes 0\n\nQuestion: train5\nAnswer: no 5\n\n"
                + "Question: validation2\nAnswer:"),
        items(piqa, 2, 3.0).stream()
            .map(item -> context(item.question().requests().getFirst()))
            .toList());
  }

  @Test
  void contextsAreTheGoldenOnes() throws IOException {
    Map<String, Object> golden =
        map(JsonValues.read(Files.readAllBytes(SharedData.file("golden/lm-eval/fewshot.json"))));
    List<Case> cases =
        ((List<?>) golden.get("cases"))
            .stream()
                .map(FewShotTest::map)
                .map(one ->
                    new Case(map(one.get("task")), ((Long) one.get("num_fewshot")).intValue(), one))
                .toList();
    assertTrue(cases.size() > 20);
    TaskLibrary library = library("fs", golden.get("data"), cases);
    for (int i = 0; i < cases.size(); i++) {
      assertEquals(
          cases.get(i).expected.get("contexts"),
          items(library, i, cases.get(i).shots, null).stream()
              .map(item -> context(item.question().requests().getFirst()))
              .toList(),
          PythonJson.line(cases.get(i).task));
    }
  }
}
