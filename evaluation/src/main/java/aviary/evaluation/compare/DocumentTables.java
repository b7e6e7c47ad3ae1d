package aviary.evaluation.compare;

import aviary.evaluation.compare.SamplePairs.Pair;
import aviary.evaluation.data.JsonLinesReader;
import aviary.evaluation.template.PythonRepr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The documents on a page, for runs with samples: what was asked, what is right, what was answered.
 */
final class DocumentTables {
  private static final int MOST_DOCUMENTS = 100;

  private static final String NO_SAMPLES =
      "There are none, or no samples: eval --log-samples writes them.";

  private DocumentTables() {}

  /** Adds the documents that two runs answer differently. */
  static void addDiffering(HtmlPage page, RunFiles first, RunFiles second) throws IOException {
    page.heading("Documents where they differ");
    boolean any = false;
    for (String task : first.samples().keySet()) {
      if (second.samples().containsKey(task)) {
        any |= addDiffering(page, task, first, second);
      }
    }
    if (!any) {
      page.paragraph(NO_SAMPLES);
    }
  }

  private static boolean addDiffering(HtmlPage page, String task, RunFiles first, RunFiles second)
      throws IOException {
    List<List<String>> rows = new ArrayList<>();
    int differing = 0;
    int documents = 0;
    try (SamplePairs pairs =
        new SamplePairs(first.samples().get(task), second.samples().get(task))) {
      for (Pair pair = pairs.next(); pair != null; pair = pairs.next()) {
        documents++;
        String metric = differingMetric(pair);
        if (metric != null && differing++ < MOST_DOCUMENTS) {
          SampleText a = new SampleText(pair.first(), first.delimiter(task));
          SampleText b = new SampleText(pair.second(), second.delimiter(task));
          rows.add(
              List.of(
                  a.id(),
                  a.asked(),
                  a.right(),
                  metric,
                  PythonRepr.str(pair.first().get(metric)),
                  PythonRepr.str(pair.second().get(metric)),
                  a.answers(metric),
                  b.answers(metric)));
        }
      }
    }
    List<String> headers =
        List.of("Document", "Asked", "Right", "Metric", "A", "B", "Answers of A", "Answers of B");
    return add(page, task, headers, rows, differing, documents);
  }

  /** Adds the documents that a run answers wrongly, by the first metric that says so. */
  static void addWrong(HtmlPage page, RunFiles run) throws IOException {
    page.heading("Documents answered wrongly");
    boolean any = false;
    for (String task : run.samples().keySet()) {
      any |= addWrong(page, task, run);
    }
    if (!any) {
      page.paragraph(NO_SAMPLES);
    }
  }

  private static boolean addWrong(HtmlPage page, String task, RunFiles run) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    int wrong = 0;
    int documents = 0;
    try (JsonLinesReader samples = new JsonLinesReader(run.samples().get(task))) {
      for (Map<String, Object> sample = samples.next(); sample != null; sample = samples.next()) {
        documents++;
        String metric = wrongMetric(sample);
        if (metric != null && wrong++ < MOST_DOCUMENTS) {
          SampleText text = new SampleText(sample, run.delimiter(task));
          rows.add(List.of(text.id(), text.asked(), text.right(), metric, text.answers(metric)));
        }
      }
    }
    List<String> headers = List.of("Document", "Asked", "Right", "Metric", "Answers");
    return add(page, task, headers, rows, wrong, documents);
  }

  private static boolean add(
      HtmlPage page,
      String task,
      List<String> headers,
      List<List<String>> rows,
      int count,
      int documents) {
    if (count == 0) {
      return false;
    }
    page.paragraph(
        "%s: %d of %d documents%s"
            .formatted(
                task,
                count,
                documents,
                count > MOST_DOCUMENTS ? ", of which the first " + MOST_DOCUMENTS : ""));
    page.table(headers, rows);
    return true;
  }

  /** The first metric that is right or wrong, and is not the same. */
  private static String differingMetric(Pair pair) {
    for (String metric : metrics(pair.first())) {
      Object a = pair.first().get(metric);
      Object b = pair.second().get(metric);
      if (isShare(a) && isShare(b) && number(a) != number(b)) {
        return metric;
      }
    }
    return null;
  }

  private static String wrongMetric(Map<String, Object> sample) {
    for (String metric : metrics(sample)) {
      Object value = sample.get(metric);
      if (isShare(value)) {
        return number(value) < 1 ? metric : null;
      }
    }
    return null;
  }

  private static List<String> metrics(Map<String, Object> sample) {
    return sample.get("metrics") instanceof List<?> metrics
        ? metrics.stream().map(Object::toString).toList()
        : List.of();
  }

  private static boolean isShare(Object value) {
    return value instanceof Number && number(value) >= 0 && number(value) <= 1;
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
