package aviary.evaluation.compare;

import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.PythonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A document of a file of samples, as a page shows it.
 *
 * @param sample its fields
 * @param delimiter what the task has between a question and a choice
 */
record SampleText(Map<String, Object> sample, String delimiter) {

  /** The texts of the requests: of each a context and what may follow it. */
  private List<List<String>> requests() {
    List<List<String>> requests = new ArrayList<>();
    for (Object arguments : RunFiles.map(sample.get("arguments")).values()) {
      requests.add(
          RunFiles.map(arguments).values().stream()
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .toList());
    }
    return requests;
  }

  String id() {
    return PythonRepr.str(sample.get("doc_id"));
  }

  /** What was asked; a context that all requests have stands there once. */
  String asked() {
    StringBuilder asked = new StringBuilder();
    String before = null;
    for (List<String> request : requests()) {
      if (!request.isEmpty() && !request.getFirst().equals(before)) {
        before = request.getFirst();
        asked.append(before).append('\n');
      }
      request.stream().skip(1).forEach(text -> asked.append("→").append(text).append('\n'));
    }
    return asked.toString().strip();
  }

  /**
   * The right choice as a text, or what the answer should have been; empty where that is unknown.
   */
  String right() {
    Object target = sample.get("target");
    if (target == null) {
      return "";
    }
    String text = target instanceof String its ? its : PythonRepr.str(target);
    List<List<String>> requests = requests();
    if (requests.size() > 1 && text.matches("\\d{1,4}")) {
      int position = Integer.parseInt(text);
      if (position < requests.size() && requests.get(position).size() > 1) {
        return requests.get(position).getLast().strip();
      }
    }
    return text.strip();
  }

  /**
   * The answers, a line each; of choices the one that a metric compares with the right one is
   * marked.
   *
   * @param metric as in {@link aviary.evaluation.metric.DocumentScores}: {@code acc_norm} and
   *     {@code acc_bytes} divide a likelihood by the choice's length
   */
  String answers(String metric) {
    List<Object> answers = new ArrayList<>();
    if (sample.get("filtered_resps") instanceof List<?> responses) {
      for (Object response : responses) {
        answers.add(response instanceof List<?> list ? list.getFirst() : response);
      }
    }
    int chosen = chosen(answers, metric);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < answers.size(); i++) {
      lines
          .append(rounded(Objects.toString(answers.get(i))))
          .append(i == chosen ? " ← chosen\n" : "\n");
    }
    return lines.toString().strip();
  }

  /** The position of the greatest score; -1 where there is no choice between some. */
  private int chosen(List<Object> answers, String metric) {
    List<List<String>> requests = requests();
    int chosen = -1;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < answers.size() && answers.size() > 1; i++) {
      String text = Objects.toString(answers.get(i));
      if (!text.matches("-?\\d+(\\.\\d+)?(e[+-]?\\d+)?")) {
        return -1;
      }
      double score = Double.parseDouble(text) / length(requests, i, metric);
      if (score > greatest) {
        greatest = score;
        chosen = i;
      }
    }
    return chosen;
  }

  /** What the metric divides a choice's likelihood by. */
  private double length(List<List<String>> requests, int choice, String metric) {
    if (choice >= requests.size() || requests.get(choice).isEmpty()) {
      return 1;
    }
    String text = requests.get(choice).getLast();
    text = text.startsWith(delimiter) ? text.substring(delimiter.length()) : text;
    return switch (metric) {
      case "acc_norm" -> PythonText.length(text);
      case "acc_bytes" -> text.getBytes(StandardCharsets.UTF_8).length;
      default -> 1;
    };
  }

  /** Sums of logarithms are logged with all their digits. */
  private static String rounded(String text) {
    return text.matches("-?\\d+\\.\\d{5,}")
        ? String.format(Locale.ROOT, "%.4f", Double.valueOf(text))
        : text;
  }
}
