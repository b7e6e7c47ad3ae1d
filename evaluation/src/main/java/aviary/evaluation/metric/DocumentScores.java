package aviary.evaluation.metric;

import aviary.InputException;
import aviary.evaluation.task.Gold;
import aviary.evaluation.task.MetricConfig;
import aviary.evaluation.task.Position;
import aviary.evaluation.task.Question;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.ResultRule;
import aviary.evaluation.task.TaskConfig;
import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.PythonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Scores a document by the model's answers. A score is a number, or two: a sum of logarithms and
 * how many words or bytes it is of; the right choice and the chosen one.
 */
public final class DocumentScores {
  private DocumentScores() {}

  /**
   * Scores a document.
   *
   * @return by metric a {@code Long}, a {@code Double} or a list of two numbers
   * @throws InputException if columns that the score needs are missing
   */
  public static Map<String, Object> of(
      TaskConfig task, Question question, List<Response> responses) {
    if (task.results() instanceof ResultRule.Squad rule) {
      return kept(task, squad(rule, question, responses));
    }
    return kept(
        task,
        switch (task.outputType()) {
          case LOGLIKELIHOOD -> loglikelihood((Response.Likelihood) responses.getFirst());
          case LOGLIKELIHOOD_ROLLING ->
              rolling(task, question, (Response.Rolling) responses.getFirst());
          case MULTIPLE_CHOICE ->
              choice(question, responses.stream().map(Response.Likelihood.class::cast).toList());
          case LABELLED_TOKENS -> labelled(question, (Response.Tokens) responses.getFirst());
          case GENERATE_UNTIL ->
              generated(task, question, (Response.Generated) responses.getFirst());
        });
  }

  /** The metrics that the task reports, of those that there are. */
  private static Map<String, Object> kept(TaskConfig task, Map<String, Object> all) {
    List<String> wanted = task.metrics().stream().map(MetricConfig::name).toList();
    all.keySet().retainAll(wanted);
    return all;
  }

  private static Map<String, Object> loglikelihood(Response.Likelihood response) {
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("perplexity", response.logProbability());
    scores.put("acc", response.greedy() ? 1L : 0L);
    return scores;
  }

  private static Map<String, Object> rolling(
      TaskConfig task, Question question, Response.Rolling response) {
    String text =
        task.results() instanceof ResultRule.CountsOf(String column)
            ? PythonRepr.str(column(question, column))
            : PythonRepr.str(question.target());
    List<Number> words = List.of(response.logProbability(), countWords(text));
    List<Number> bytes = List.of(response.logProbability(), countBytes(text));
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("word_perplexity", words);
    scores.put("byte_perplexity", bytes);
    scores.put("bits_per_byte", bytes);
    return scores;
  }

  /**
   * The parts between runs of white space; also the empty ones before the first and behind the
   * last.
   */
  static long countWords(String text) {
    long words = 1;
    boolean inSpace = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = PythonText.isSpace(text.charAt(i));
      words += space && !inSpace ? 1 : 0;
      inSpace = space;
    }
    return words;
  }

  private static long countBytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static Map<String, Object> choice(
      Question question, List<Response.Likelihood> responses) {
    List<String> choices = question.choices();
    List<Integer> gold = question.gold().positions();
    int chosen = best(choices, responses, _ -> 1);
    long right = gold.isEmpty() ? Gold.NONE : gold.getFirst();
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("acc", right(question, chosen));
    scores.put("f1", List.of(right, (long) chosen)); // Right and chosen.
    scores.put("acc_norm", right(question, best(choices, responses, PythonText::length)));
    scores.put("acc_bytes", right(question, best(choices, responses, DocumentScores::countBytes)));
    boolean said =
        gold.stream()
            .anyMatch(position ->
                Position.isIn(responses, position) && Position.item(responses, position).greedy());
    scores.put("exact_match", said ? 1L : 0L);
    return scores;
  }

  private static double right(Question question, int chosen) {
    return question.gold().positions().contains(chosen) ? 1.0 : 0.0;
  }

  /**
   * The first of those with the largest sum, divided by the choice's length. An empty choice has
   * minus infinity, as the sum is negative; NaN counts as the largest, as for NumPy.
   */
  private static int best(
      List<String> choices, List<Response.Likelihood> responses, ToDoubleFunction<String> length) {
    int best = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < choices.size(); i++) {
      double score = responses.get(i).logProbability() / length.applyAsDouble(choices.get(i));
      if (Double.isNaN(score)) {
        return i;
      }
      if (score > largest) {
        largest = score;
        best = i;
      }
    }
    return best;
  }

  private static Map<String, Object> squad(
      ResultRule.Squad rule, Question question, List<Response> responses) {
    List<Response.Likelihood> likelihoods =
        responses.stream().map(Response.Likelihood.class::cast).toList();
    int chosen = best(question.choices(), likelihoods, _ -> 1);
    List<?> predictions = list(question, rule.predictions());
    List<?> references = list(question, rule.references());
    if (predictions.size() != question.choices().size() || references.isEmpty()) {
      throw new InputException(
          "it has %d choices, but %d %s and %d %s"
              .formatted(
                  question.choices().size(),
                  predictions.size(),
                  rule.predictions(),
                  references.size(),
                  rule.references()));
    }
    String prediction = PythonRepr.str(predictions.get(chosen));
    Map<String, Object> scores = new LinkedHashMap<>();
    double f1 = most(references, reference -> SquadText.f1(prediction, reference));
    double em = most(references, reference -> SquadText.exact(prediction, reference));
    // Python's whole numbers, as logged samples have them.
    scores.put("f1", f1 == 0 ? (Object) 0L : f1);
    scores.put("em", (long) em);
    return scores;
  }

  private static double most(List<?> references, ToDoubleFunction<String> score) {
    return references.stream().map(PythonRepr::str).mapToDouble(score).max().orElseThrow();
  }

  private static Map<String, Object> generated(
      TaskConfig task, Question question, Response.Generated response) {
    List<String> references = references(question);
    Map<String, Object> scores = new LinkedHashMap<>();
    for (MetricConfig metric : task.metrics()) {
      boolean any =
          references.stream()
              .anyMatch(
                  reference -> ExactMatch.matches(response.text(), reference, metric.options()));
      scores.put(metric.name(), any ? 1.0 : 0.0);
    }
    return scores;
  }

  /** The right texts; a position among choices stands for the choice, if there is one there. */
  private static List<String> references(Question question) {
    Long position = question.choices().isEmpty() ? null : Position.of(question.target());
    if (position != null) {
      return Position.isIn(question.choices(), position)
          ? List.of(Position.item(question.choices(), position))
          : List.of();
    }
    return question.target() instanceof List<?> several
        ? several.stream().map(PythonRepr::str).toList()
        : List.of(PythonRepr.str(question.target()));
  }

  private static Map<String, Object> labelled(Question question, Response.Tokens response) {
    Request.LabelledTokens asked = (Request.LabelledTokens) question.requests().getFirst();
    List<Long> labels =
        asked.labels().stream().filter(label -> label != Request.LabelledTokens.NOTHING).toList();
    if (labels.size() != response.tokens().size()) {
      throw new InputException(
          "a document has %d labels, but %d answers are kept; run again without --resume"
              .formatted(labels.size(), response.tokens().size()));
    }
    double right = 0;
    for (int i = 0; i < labels.size(); i++) {
      right += labels.get(i).equals(response.tokens().get(i)) ? 1 : 0;
    }
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("acc", right / labels.size());
    return scores;
  }

  private static List<?> list(Question question, String column) {
    if (column(question, column) instanceof List<?> list) {
      return list;
    }
    throw new InputException("its column %s is no list".formatted(column));
  }

  private static Object column(Question question, String column) {
    if (!question.document().containsKey(column)) {
      throw new InputException(
          "it has no column %s; it has %s"
              .formatted(column, String.join(", ", question.document().keySet())));
    }
    return question.document().get(column);
  }
}
