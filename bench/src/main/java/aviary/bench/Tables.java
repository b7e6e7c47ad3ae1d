package aviary.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/** Results as lines of text. */
public final class Tables {

  private static final List<String> COLUMNS =
      List.of("model", "type", "size", "params", "device", "threads", "test", "t/s", "of limit");

  /** Wide enough for most of what stands there, so that lines can be printed one by one. */
  private static final int[] WIDTHS = {24, 6, 11, 9, 14, 7, 14, 20, 22};

  private Tables() {}

  /** The two lines above a Markdown table's rows. */
  public static List<String> markdownHead() {
    return List.of(
        "| " + String.join(" | ", COLUMNS) + " |", "|" + " --- |".repeat(COLUMNS.size()));
  }

  /** A row of it. */
  public static String markdownRow(Measurement measurement) {
    return "| " + String.join(" | ", cells(measurement)) + " |";
  }

  /** The lines above a table for a terminal. */
  public static List<String> head() {
    return List.of(padded(COLUMNS));
  }

  /** A row of it. */
  public static String row(Measurement measurement) {
    return padded(cells(measurement));
  }

  private static String padded(List<String> cells) {
    StringJoiner row = new StringJoiner("  ");
    for (int i = 0; i < cells.size(); i++) {
      row.add(String.format("%-" + WIDTHS[i] + "s", cells.get(i)));
    }
    return row.toString().stripTrailing();
  }

  private static List<String> cells(Measurement m) {
    String number = format(m.mean(), m.deviation());
    String limit =
        m.limit() > 0 ? String.format(Locale.ROOT, "%.2f of %s", m.share(), m.bound()) : "";
    return List.of(
        m.model(),
        m.dtype(),
        String.format(Locale.ROOT, "%.2f MiB", m.modelBytes() / 1048576.0),
        String.format(Locale.ROOT, "%.2f M", m.parameters() / 1e6),
        m.device(),
        String.valueOf(m.threads()),
        m.test(),
        m.unit().equals("t/s") ? number : number + " " + m.unit(),
        limit);
  }

  private static String format(double mean, double deviation) {
    return deviation > 0
        ? String.format(Locale.ROOT, "%.2f ± %.2f", mean, deviation)
        : String.format(Locale.ROOT, "%.2f", mean);
  }

  /** The line above rows of comma-separated values. */
  public static String csvHead() {
    return "model,type,dtype,model_size,model_n_params,device,n_threads,test,n_prompt,n_gen,n_batch,"
        + "n_depth,unit,avg_ts,stddev_ts,limit_ts,limit_share,limit_of";
  }

  /** A row of comma-separated values, as RFC 4180 has them. */
  public static String csvRow(Measurement m) {
    List<String> cells =
        List.of(
            m.model(),
            m.type(),
            m.dtype(),
            String.valueOf(m.modelBytes()),
            String.valueOf(m.parameters()),
            m.device(),
            String.valueOf(m.threads()),
            m.test(),
            String.valueOf(m.prompt()),
            String.valueOf(m.generated()),
            String.valueOf(m.sequences()),
            String.valueOf(m.depth()),
            m.unit(),
            String.valueOf(m.mean()),
            String.valueOf(m.deviation()),
            String.valueOf(m.limit()),
            String.valueOf(m.share()),
            m.bound());
    StringJoiner row = new StringJoiner(",");
    cells.forEach(cell -> row.add(quoted(cell)));
    return row.toString();
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  /**
   * Runs side by side, as a Markdown table: a row for all that one of them measured, a column for
   * each run, and how the others compare with the first.
   */
  public static List<String> comparison(List<String> names, List<Run> runs) {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder("| model | type | device | threads | test | unit |");
    names.forEach(name -> head.append(' ').append(name).append(" |"));
    names.stream().skip(1).forEach(name -> head.append(' ').append(name).append(" / first |"));
    lines.add(head.toString());
    lines.add("|" + " --- |".repeat(6 + names.size() * 2 - 1));
    boolean byDevice = runs.stream().anyMatch(Tables::hasSeveralPlaces);
    Set<String> keys = new LinkedHashSet<>();
    runs.forEach(run -> run.measurements().forEach(m -> keys.add(key(m, byDevice))));
    for (String key : keys) {
      lines.add(comparisonRow(key, runs, byDevice));
    }
    return lines;
  }

  private static boolean hasSeveralPlaces(Run run) {
    return run.measurements().stream().map(m -> m.device() + " " + m.threads()).distinct().count()
        > 1;
  }

  /**
   * What has to be the same of two numbers that stand side by side. Runs of one device each, with
   * one number of threads, are compared whatever these are.
   */
  private static String key(Measurement m, boolean byDevice) {
    String what = String.join(" ", m.model(), m.dtype(), m.test());
    return byDevice ? what + " " + m.device() + " " + m.threads() : what;
  }

  private static String comparisonRow(String key, List<Run> runs, boolean byDevice) {
    List<Optional<Measurement>> found = runs.stream().map(run -> find(run, key, byDevice)).toList();
    Measurement any = found.stream().flatMap(Optional::stream).findFirst().orElseThrow();
    StringJoiner row = new StringJoiner(" | ", "| ", " |");
    row.add(any.model())
        .add(any.dtype())
        .add(byDevice ? any.device() : "")
        .add(byDevice ? String.valueOf(any.threads()) : "")
        .add(any.test())
        .add(any.unit());
    found.forEach(m -> row.add(m.map(its -> format(its.mean(), its.deviation())).orElse("")));
    for (Optional<Measurement> other : found.subList(1, found.size())) {
      boolean both = other.isPresent() && found.getFirst().isPresent();
      row.add(
          both
              ? String.format(
                  Locale.ROOT, "%.2f", other.get().mean() / found.getFirst().get().mean())
              : "");
    }
    return row.toString();
  }

  private static Optional<Measurement> find(Run run, String key, boolean byDevice) {
    return run.measurements().stream().filter(m -> key(m, byDevice).equals(key)).findFirst();
  }
}
