package aviary.evaluation.compare;

import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.output.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The accuracies of guessing in a run's tasks. A run of Aviary has them in its result file; of one
 * of lm-evaluation-harness they are computed from its samples.
 */
final class ChanceLevels {
  private ChanceLevels() {}

  /** The levels by task; without the tasks of which it is not known. */
  static Map<String, Double> of(RunFiles run) throws IOException {
    Map<String, Double> levels = new LinkedHashMap<>();
    for (String task : run.tasks()) {
      Object known = RunFiles.map(run.fields().get(Results.CHANCE)).get(task);
      if (known instanceof Number level) {
        levels.put(task, level.doubleValue());
      } else if (run.samples().containsKey(task) && run.scores(task).containsKey("acc,none")) {
        ofSamples(run.samples().get(task)).ifPresent(level -> levels.put(task, level));
      }
    }
    return levels;
  }

  /** One choice in as many as were asked about is right; more right ones are not in a sample. */
  private static OptionalDouble ofSamples(Path file) throws IOException {
    double sum = 0;
    int documents = 0;
    try (JsonLinesReader samples = new JsonLinesReader(file)) {
      for (Map<String, Object> sample = samples.next(); sample != null; sample = samples.next()) {
        int choices = RunFiles.map(sample.get("arguments")).size();
        if (choices < 2) {
          return OptionalDouble.empty();
        }
        sum += 1.0 / choices;
        documents++;
      }
    }
    return documents == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / documents);
  }
}
