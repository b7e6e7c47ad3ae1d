package aviary.evaluation.compare;

import aviary.evaluation.output.MarkdownTable;
import aviary.evaluation.output.ShownNumber;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Two runs, side by side. Where both have samples, a difference's standard error is that of the
 * differences document by document, which is smaller since the documents are the same; otherwise
 * the two errors are added as those of independent numbers.
 */
public final class Comparison {
  /**
   * A score of both runs.
   *
   * @param task or group
   * @param metric with its filter
   * @param first the first run's
   * @param firstError null if there is none
   * @param second the second run's
   * @param secondError null if there is none
   * @param error of the difference; null if there is none
   */
  record Row(
      String task,
      String metric,
      double first,
      Double firstError,
      double second,
      Double secondError,
      Double error) {}

  private final RunFiles first;
  private final RunFiles second;

  /** Compares the second with the first. */
  public Comparison(RunFiles first, RunFiles second) {
    this.first = first;
    this.second = second;
  }

  /** The scores that both have. */
  List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String task : new TreeSet<>(first.tasks())) {
      Map<String, Object> a = first.scores(task);
      Map<String, Object> b = second.scores(task);
      for (String key : new TreeSet<>(a.keySet())) {
        if (key.contains(",")
            && !key.contains("_stderr,")
            && a.get(key) instanceof Number x
            && b.get(key) instanceof Number y) {
          rows.add(row(task, key, x.doubleValue(), y.doubleValue(), error(a, key), error(b, key)));
        }
      }
    }
    return rows;
  }

  private Row row(String task, String key, double x, double y, Double errorX, Double errorY)
      throws IOException {
    Double error = errorX == null || errorY == null ? null : Math.hypot(errorX, errorY);
    if (first.samples().containsKey(task) && second.samples().containsKey(task)) {
      String metric = key.substring(0, key.indexOf(','));
      PairedDifferences paired =
          PairedDifferences.of(first.samples().get(task), second.samples().get(task), metric);
      // Only of a mean over documents is the documents' difference a part.
      if (paired.explains(y - x)) {
        error = paired.standardError();
      }
    }
    return new Row(task, key.replace(",none", ""), x, errorX, y, errorY, error);
  }

  private static Double error(Map<String, Object> scores, String key) {
    int comma = key.indexOf(',');
    Object error = scores.get(key.substring(0, comma) + "_stderr" + key.substring(comma));
    return error instanceof Number number ? number.doubleValue() : null;
  }

  /** The table's columns. */
  List<String> headers() {
    return List.of(
        "Tasks",
        "Metric",
        "A: " + first.name(),
        "Stderr",
        "B: " + second.name(),
        "Stderr",
        "B - A",
        "Stderr");
  }

  /** The table's rows; a task's name stands in its first. */
  List<List<String>> cells() throws IOException {
    List<List<String>> cells = new ArrayList<>();
    String before = "";
    for (Row row : rows()) {
      cells.add(
          List.of(
              row.task.equals(before) ? "" : row.task,
              row.metric,
              ShownNumber.of(row.first),
              error(row.firstError),
              ShownNumber.of(row.second),
              error(row.secondError),
              ShownNumber.of(row.second - row.first),
              error(row.error)));
      before = row.task;
    }
    return cells;
  }

  /** The table, and below it what it does not show. */
  public String table() throws IOException {
    StringBuilder text = new StringBuilder(MarkdownTable.ofShown(headers(), cells()));
    List<String> notes = notes();
    if (!notes.isEmpty()) {
      text.append('\n');
    }
    notes.forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  /** The tasks that only one of the runs has, and where both asked for something else. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    addMissing("A", first, second, notes);
    addMissing("B", second, first, notes);
    for (String task : new TreeSet<>(first.tasks())) {
      if (second.tasks().contains(task)) {
        addDifference(task, "shots", "n-shot", notes);
        addDifference(task, "documents", "n-samples", notes);
      }
    }
    return notes;
  }

  private static void addMissing(String name, RunFiles run, RunFiles other, List<String> notes) {
    List<String> alone = new ArrayList<>(new TreeSet<>(run.tasks()));
    alone.removeAll(other.tasks());
    if (!alone.isEmpty()) {
      notes.add("Only %s has: %s".formatted(name, String.join(", ", alone)));
    }
  }

  private void addDifference(String task, String what, String field, List<String> notes) {
    Object a = setting(first, field, task);
    Object b = setting(second, field, task);
    if (a != null && b != null && !a.equals(b)) {
      notes.add("%s: %s %s in A, %s in B".formatted(task, a, what, b));
    }
  }

  private static Object setting(RunFiles run, String field, String task) {
    Object value = RunFiles.map(run.fields().get(field)).get(task);
    return value instanceof Map<?, ?> counts ? counts.get("effective") : value;
  }

  private static String error(Double value) {
    return value == null ? "N/A" : "± " + ShownNumber.of(value);
  }
}
