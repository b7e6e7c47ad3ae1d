package aviary.evaluation.compare;

import aviary.evaluation.compare.Charts.Series;
import aviary.evaluation.output.ResultTable;
import aviary.evaluation.output.RunHeading;
import aviary.evaluation.output.ShownNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A page of one run, or of several beside each other: scores by task and by language, and the
 * documents that the run answers wrongly, or that the first two answer differently.
 */
public final class Report {
  private final List<RunFiles> runs;

  /**
   * @param runs at least one
   */
  public Report(List<RunFiles> runs) {
    this.runs = List.copyOf(runs);
  }

  /** Writes the page. */
  public void write(Path file) throws IOException {
    HtmlPage page =
        new HtmlPage(
            "Scores of " + String.join(" and ", runs.stream().map(RunFiles::name).toList()));
    for (RunFiles run : runs) {
      RunHeading.of(run.fields()).ifPresent(page::paragraph);
    }
    Map<String, Double> chances = chances();
    for (Map.Entry<String, List<String>> family : families().entrySet()) {
      page.heading(family.getKey());
      for (String metric : metrics(family.getValue())) {
        page.picture(
            family.getKey() + ": " + metric,
            chart(metric, family.getKey(), family.getValue(), chances));
      }
    }
    if (runs.size() == 1) {
      page.heading("Table");
      page.preformatted(ResultTable.of(runs.getFirst().fields(), "results"));
      addChances(page, chances);
      DocumentTables.addWrong(page, runs.getFirst());
    } else {
      page.heading("Differences");
      Comparison comparison = new Comparison(runs.get(0), runs.get(1));
      page.table(comparison.headers(), comparison.cells());
      comparison.notes().forEach(page::paragraph);
      addChances(page, chances);
      DocumentTables.addDiffering(page, runs.get(0), runs.get(1));
    }
    page.write(file);
  }

  /** The accuracies of guessing, by task; the runs' are the same where they asked the same. */
  private Map<String, Double> chances() throws IOException {
    Map<String, Double> chances = new LinkedHashMap<>();
    for (RunFiles run : runs) {
      ChanceLevels.of(run).forEach(chances::putIfAbsent);
    }
    return chances;
  }

  private static void addChances(HtmlPage page, Map<String, Double> chances) {
    if (chances.isEmpty()) {
      return;
    }
    page.heading("Chance level");
    page.paragraph("The accuracy of guessing: of the choices of a document one is right.");
    page.table(
        List.of("Task", "Chance level"),
        chances.entrySet().stream()
            .map(task -> List.of(task.getKey(), ShownNumber.of(task.getValue())))
            .toList());
  }

  /** Groups that have tasks with their members, which are languages most often; then the rest. */
  private Map<String, List<String>> families() {
    Set<String> left = new TreeSet<>();
    runs.forEach(run -> left.addAll(run.tasks()));
    Map<String, Object> groups = runs.getFirst().groups();
    Map<String, List<String>> families = new LinkedHashMap<>();
    List<String> plain = new ArrayList<>();
    for (Map.Entry<String, Object> group : groups.entrySet()) {
      List<String> members =
          ((List<?>) group.getValue())
              .stream().map(Object::toString).filter(left::contains).toList();
      if (members.stream().noneMatch(groups::containsKey)) {
        families.put(group.getKey(), new ArrayList<>(members));
        families.get(group.getKey()).add(group.getKey());
      }
    }
    families.values().forEach(left::removeAll);
    left.removeAll(groups.keySet());
    plain.addAll(left);
    if (!plain.isEmpty()) {
      families.put("Tasks", plain);
    }
    return families;
  }

  private List<String> metrics(List<String> tasks) {
    Set<String> metrics = new LinkedHashSet<>();
    for (RunFiles run : runs) {
      for (String task : tasks) {
        run.scores(task)
            .forEach((key, value) -> {
              if (key.contains(",") && !key.contains("_stderr,") && value instanceof Number) {
                metrics.add(key);
              }
            });
      }
    }
    return List.copyOf(metrics);
  }

  private byte[] chart(
      String metric, String family, List<String> tasks, Map<String, Double> chances)
      throws IOException {
    List<String> with =
        tasks.stream()
            .filter(task -> runs.stream().anyMatch(run -> run.scores(task).get(metric) != null))
            .toList();
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      RunFiles run = runs.get(i);
      series.add(
          new Series(
              runs.size() == 1 ? run.name() : (char) ('A' + i) + ": " + run.name(),
              with.stream().map(task -> number(run.scores(task).get(metric))).toList(),
              with.stream()
                  .map(task -> number(run.scores(task).get(metric.replace(",", "_stderr,"))))
                  .toList()));
    }
    if (metric.startsWith("acc") && with.stream().anyMatch(chances::containsKey)) {
      series.add(
          new Series(
              "chance",
              with.stream().map(task -> chances.getOrDefault(task, 0.0)).toList(),
              with.stream().map(_ -> 0.0).toList()));
    }
    return Charts.bars(metric.replace(",none", ""), shortNames(family, with), series);
  }

  /**
   * The names of a group's tasks without what all begin with, such as {@code it} and {@code et}.
   */
  private static List<String> shortNames(String family, List<String> tasks) {
    List<String> members = tasks.stream().filter(task -> !task.equals(family)).toList();
    String common = members.isEmpty() ? "" : members.getFirst();
    for (String member : members) {
      while (!member.startsWith(common)) {
        common = common.substring(0, common.length() - 1);
      }
    }
    int begin = members.size() > 1 ? common.lastIndexOf('_') + 1 : 0;
    return tasks.stream().map(task -> task.equals(family) ? "all" : task.substring(begin)).toList();
  }

  private static Double number(Object value) {
    return value instanceof Number number ? number.doubleValue() : 0.0;
  }
}
