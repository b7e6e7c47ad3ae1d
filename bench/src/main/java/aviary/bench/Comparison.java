package aviary.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;

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

  /** Two tables, with an empty line between them. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(environments());
    lines.add("");
    lines.addAll(numbers());
    return lines;
  }

  private List<String> environments() {
    List<String> lines = new ArrayList<>();
    lines.add("| | " + String.join(" | ", names) + " |");
    lines.add("|" + " --- |".repeat(1 + names.size()));
    lines.add(fact("version", run -> run.environment().version()));
    lines.add(fact("time", run -> run.environment().time()));
    lines.add(
        fact(
            "processor",
            run -> run.environment().cpu() + ", " + run.environment().cores() + " cores"));
    lines.add(fact("JVM", run -> run.environment().jvm()));
    lines.add(fact("flags", run -> String.join(" ", run.environment().flags())));
    lines.add(fact("BLAS", run -> run.environment().blas()));
    lines.addAll(differentOptions());
    if (runs.stream().anyMatch(Run::interrupted)) {
      lines.add(fact("interrupted", run -> run.interrupted() ? "yes" : "no"));
    }
    Set<String> devices = new LinkedHashSet<>();
    runs.forEach(run -> devices.addAll(run.environment().devices().keySet()));
    for (String device : devices) {
      lines.add(fact(device, run -> device(run, device)));
    }
    Set<String> models = new LinkedHashSet<>();
    runs.forEach(run -> models.addAll(run.environment().models().keySet()));
    for (String model : models) {
      lines.add(
          fact("SHA-256 of " + model, run -> run.environment().models().getOrDefault(model, "")));
    }
    return lines;
  }

  /** A row for each option that is not the same in all runs. */
  private List<String> differentOptions() {
    Set<String> options = new LinkedHashSet<>();
    runs.forEach(run -> options.addAll(run.environment().options().keySet()));
    return options.stream()
        .filter(option -> runs.stream().map(run -> option(run, option)).distinct().count() > 1)
        .map(option -> fact(option, run -> option(run, option)))
        .toList();
  }

  private static String option(Run run, String option) {
    return run.environment().options().getOrDefault(option, "");
  }

  private String fact(String name, Function<Run, String> of) {
    StringJoiner row = new StringJoiner(" | ", "| ", " |");
    row.add(name);
    runs.forEach(run -> row.add(of.apply(run)));
    return row.toString();
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

  private List<String> numbers() {
    boolean byDevice = runs.stream().anyMatch(Comparison::hasSeveralPlaces);
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder("| model | type | ");
    head.append(byDevice ? "device | threads | test | unit |" : "test | unit |");
    names.forEach(name -> head.append(' ').append(name).append(" | of limit |"));
    names.stream().skip(1).forEach(name -> head.append(' ').append(name).append(" / first |"));
    lines.add(head.toString());
    int columns = (int) head.chars().filter(c -> c == '|').count() - 1;
    lines.add("|" + " --- |".repeat(columns));
    Set<Key> keys = new LinkedHashSet<>();
    runs.forEach(run -> run.measurements().forEach(m -> keys.add(key(m, byDevice))));
    keys.forEach(key -> lines.add(row(key, byDevice)));
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

  private String row(Key key, boolean byDevice) {
    List<Optional<Measurement>> found =
        runs.stream()
            .map(run -> run.measurements().stream())
            .map(all -> all.filter(m -> key(m, byDevice).equals(key)).findFirst())
            .toList();
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
      row.add(m.map(Tables::share).orElse(""));
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

  /** With its unit where that is not the row's. */
  private static String number(Measurement m, String unit) {
    String number = Tables.format(m.mean(), m.deviation());
    return m.unit().equals(unit) ? number : number + " " + m.unit();
  }
}
