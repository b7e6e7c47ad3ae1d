package aviary.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Runs side by side, as Markdown: what they ran on, and for all that one of them measured how the
 * others compare with the first.
 *
 * @param names what to call the runs
 * @param runs the runs
 */
public record Comparison(List<String> names, List<Run> runs) {

  /** What has to be the same of two numbers that stand side by side. */
  private record Key(String model, String dtype, String device, int threads, String test) {}

  /**
   * What the runs ran on and were asked for, as far as it differs; then what they measured, as far
   * as it differs, rates and what costs time or memory each in a table of their own. An empty line
   * is between them.
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(environments());
    lines.addAll(numbers("Rates: more is better", Comparison::isRate));
    lines.addAll(numbers("Time and memory: less is better", m -> !isRate(m)));
    return lines;
  }

  private static boolean isRate(Measurement m) {
    return m.unit().endsWith("/s");
  }

  private List<String> environments() {
    Map<String, List<String>> facts = new LinkedHashMap<>();
    facts.put("version", facts(run -> run.environment().version()));
    facts.put("time", facts(run -> run.environment().time()));
    facts.put(
        "processor",
        facts(run -> run.environment().cpu() + ", " + run.environment().cores() + " cores"));
    facts.put("load", facts(run -> Tables.load(run).orElse("")));
    facts.put("JVM", facts(run -> run.environment().jvm()));
    facts.put("flags", facts(run -> String.join(" ", run.environment().flags())));
    facts.put("BLAS", facts(run -> run.environment().blas()));
    names(run -> run.environment().options().keySet())
        .forEach(option ->
            facts.put(option, facts(run -> run.environment().options().getOrDefault(option, ""))));
    facts.put("interrupted", facts(run -> run.interrupted() ? "yes" : ""));
    names(run -> run.environment().devices().keySet())
        .forEach(device -> facts.put(device, facts(run -> device(run, device))));
    names(run -> run.environment().models().keySet())
        .forEach(model ->
            facts.put(
                "SHA-256 of " + model,
                facts(run -> run.environment().models().getOrDefault(model, ""))));
    return differing(facts);
  }

  private Set<String> names(Function<Run, Set<String>> of) {
    Set<String> all = new LinkedHashSet<>();
    runs.forEach(run -> all.addAll(of.apply(run)));
    return all;
  }

  /** Of each run. */
  private List<String> facts(Function<Run, String> of) {
    return runs.stream().map(of).toList();
  }

  /** A table of the facts that are not the same in all runs, and a line that names the others. */
  private List<String> differing(Map<String, List<String>> facts) {
    List<String> lines = new ArrayList<>();
    lines.add("| | " + String.join(" | ", names) + " |");
    lines.add("|" + " --- |".repeat(1 + names.size()));
    List<String> equal = new ArrayList<>();
    facts.forEach((name, its) -> {
      if (its.stream().distinct().count() > 1) {
        lines.add("| " + name + " | " + String.join(" | ", its) + " |");
      } else if (!its.getFirst().isEmpty()) {
        equal.add(name);
      }
    });
    if (lines.size() == 2) {
      lines.clear();
    }
    if (!equal.isEmpty()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.add("Equal in all: " + String.join(", ", equal) + ".");
    }
    return lines;
  }

  /** Its name, and what it would allow at its best. */
  private static String device(Run run, String device) {
    var properties = run.environment().devices().get(device);
    if (properties == null) {
      return "";
    }
    String name = properties.getOrDefault("name", device);
    List<Limits> its = run.limits().stream().filter(l -> l.device().equals(device)).toList();
    return its.isEmpty()
        ? name
        : String.format(
            Locale.ROOT,
            "%s: %.1f GB/s, %.0f GFLOP/s",
            name,
            its.stream().mapToDouble(Limits::bytesPerSecond).max().orElse(0) / 1e9,
            its.stream().mapToDouble(Limits::flopsPerSecond).max().orElse(0) / 1e9);
  }

  private List<String> numbers(String title, Predicate<Measurement> which) {
    boolean byDevice = runs.stream().anyMatch(Comparison::hasSeveralPlaces);
    Set<Key> keys = new LinkedHashSet<>();
    runs.forEach(
        run -> run.measurements().stream().filter(which).forEach(m -> keys.add(key(m, byDevice))));
    if (keys.isEmpty()) {
      return List.of();
    }
    boolean limited =
        runs.stream()
            .flatMap(run -> run.measurements().stream())
            .anyMatch(which.and(m -> m.limit() > 0));
    List<String> lines = new ArrayList<>(List.of("", title, ""));
    StringBuilder head = new StringBuilder("| model | type | ");
    head.append(byDevice ? "device | threads | test | unit |" : "test | unit |");
    names.forEach(name -> head.append(' ').append(name).append(limited ? " | of limit |" : " |"));
    names.stream().skip(1).forEach(name -> head.append(' ').append(name).append(" / first |"));
    lines.add(head.toString());
    int columns = (int) head.chars().filter(c -> c == '|').count() - 1;
    lines.add("|" + " --- |".repeat(columns));
    int begin = lines.size();
    for (Key key : keys) {
      List<Optional<Measurement>> found = found(key, byDevice);
      if (!areEqual(found)) {
        lines.add(row(key, found, byDevice, limited));
      }
    }
    int equal = keys.size() - (lines.size() - begin);
    if (lines.size() == begin) {
      lines.subList(begin - 2, begin).clear();
    } else if (equal > 0) {
      lines.add("");
    }
    if (equal > 0) {
      lines.add("Equal in all and left out: %d of %d rows.".formatted(equal, keys.size()));
    }
    return lines;
  }

  private static boolean hasSeveralPlaces(Run run) {
    return run.measurements().stream().map(m -> m.setting().place()).distinct().count() > 1;
  }

  /** Runs of one device each are compared whatever that is, and its threads. */
  private static Key key(Measurement m, boolean byDevice) {
    Measurement.Setting its = m.setting();
    return new Key(
        its.model(),
        its.dtype(),
        byDevice ? its.device() : "",
        byDevice ? its.threads() : 0,
        m.test().name());
  }

  /** What each run measured. */
  private List<Optional<Measurement>> found(Key key, boolean byDevice) {
    return runs.stream()
        .map(run -> run.measurements().stream())
        .map(all -> all.filter(m -> key(m, byDevice).equals(key)).findFirst())
        .toList();
  }

  /** Whether a row would say the same of each run. */
  private static boolean areEqual(List<Optional<Measurement>> found) {
    return found.stream()
            .map(m -> m.map(its -> number(its, "") + Tables.share(its)))
            .distinct()
            .count()
        == 1;
  }

  private String row(
      Key key, List<Optional<Measurement>> found, boolean byDevice, boolean limited) {
    Optional<Measurement> first = found.getFirst();
    Measurement any = found.stream().flatMap(Optional::stream).findFirst().orElseThrow();
    StringJoiner row = new StringJoiner(" | ", "| ", " |");
    row.add(key.model()).add(key.dtype());
    if (byDevice) {
      row.add(key.device()).add(Tables.threads(any.setting()));
    }
    row.add(key.test()).add(any.unit());
    for (Optional<Measurement> m : found) {
      row.add(m.map(its -> number(its, any.unit())).orElse(""));
      if (limited) {
        row.add(m.map(Tables::share).orElse(""));
      }
    }
    for (Optional<Measurement> other : found.subList(1, found.size())) {
      boolean comparable =
          first.isPresent()
              && other.isPresent()
              && first.get().unit().equals(other.get().unit())
              && first.get().mean() > 0;
      row.add(comparable ? Tables.ratio(other.get().mean() / first.get().mean()) : "");
    }
    return row.toString();
  }

  /** With its unit where that is not the row's, and the median where the samples spread far. */
  private static String number(Measurement m, String unit) {
    String number = Tables.format(m.mean(), m.deviation());
    if (m.isUneven()) {
      number += " (median " + Tables.format(m.median(), 0) + ")";
    }
    return m.unit().equals(unit) ? number : number + " " + m.unit();
  }
}
