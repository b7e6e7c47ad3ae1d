package aviary.evaluation.compare;

import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A document of a file of samples, as a page shows it.
 *
 * @param sample its fields
 */
record SampleText(Map<String, Object> sample) {

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

  /** The answers, a line each; of choices the most likely one is marked. */
  String answers() {
    List<Object> answers = new ArrayList<>();
    if (sample.get("filtered_resps") instanceof List<?> responses) {
      for (Object response : responses) {
        answers.add(response instanceof List<?> list ? list.getFirst() : response);
      }
    }
    int chosen = chosen(answers);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < answers.size(); i++) {
      lines
          .append(rounded(Objects.toString(answers.get(i))))
          .append(i == chosen ? " ← chosen\n" : "\n");
    }
    return lines.toString().strip();
  }

  /** The position of the greatest likelihood; -1 where there is no choice between some. */
  private static int chosen(List<Object> answers) {
    int chosen = -1;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < answers.size() && answers.size() > 1; i++) {
      String text = Objects.toString(answers.get(i));
      if (!text.matches("-?\\d+(\\.\\d+)?(e[+-]?\\d+)?")) {
        return -1;
      }
      if (Double.parseDouble(text) > greatest) {
        greatest = Double.parseDouble(text);
        chosen = i;
      }
    }
    return chosen;
  }

  /** Sums of logarithms are logged with all their digits. */
  private static String rounded(String text) {
    return text.matches("-?\\d+\\.\\d{5,}")
        ? String.format(Locale.ROOT, "%.4f", Double.valueOf(text))
        : text;
  }
}
