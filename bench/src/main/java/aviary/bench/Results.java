package aviary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a {@link Bench} has measured so far, for any thread that asks. */
final class Results {
  private final Environment environment;
  private final Map<String, String> models = new TreeMap<>();
  private final List<Limits> limits = new ArrayList<>();
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<Run.Failed> failures = new ArrayList<>();
  private boolean complete;

  Results(Environment environment) {
    this.environment = environment;
  }

  /** A model was opened, whose tensors have a hash. */
  synchronized void addModel(String name, String hash) {
    models.put(name, hash);
  }

  synchronized void add(Limits its) {
    limits.add(its);
  }

  synchronized void add(Measurement measurement) {
    measurements.add(measurement);
  }

  synchronized void addFailure(String what, Throwable why) {
    failures.add(new Run.Failed(what, String.valueOf(why.getMessage())));
  }

  /** Nothing is left to measure. */
  synchronized void complete() {
    complete = true;
  }

  synchronized Run soFar() {
    return new Run(
        environment.with(models),
        List.copyOf(limits),
        List.copyOf(measurements),
        List.copyOf(failures),
        !complete);
  }
}
