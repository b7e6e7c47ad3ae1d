package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.template.PythonRepr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The metrics there are, and what a task file says of its own. */
final class Metrics {
  private static final List<String> AGGREGATIONS =
      List.of("mean", "median", "perplexity", "weighted_perplexity", "bits_per_byte", "f1");
  private static final List<String> EXACT_MATCH_OPTIONS =
      List.of("ignore_case", "ignore_punctuation", "ignore_numbers", "regexes_to_ignore");

  /** Handed to the metrics of generated texts alone; task files have them for others too. */
  private static final List<String> OF_NO_EFFECT = List.of("weight_by_size", "average");

  /** What lm-evaluation-harness has registered. */
  private record Registered(String aggregation, boolean higherIsBetter) {}

  private static final Map<String, Registered> REGISTERED =
      Map.of(
          "acc", new Registered("mean", true),
          "acc_norm", new Registered("mean", true),
          "acc_bytes", new Registered("mean", true),
          "exact_match", new Registered("mean", true),
          "em", new Registered("mean", true),
          "f1", new Registered("f1", true),
          "perplexity", new Registered("perplexity", false),
          "word_perplexity", new Registered("weighted_perplexity", false),
          "byte_perplexity", new Registered("weighted_perplexity", false),
          "bits_per_byte", new Registered("bits_per_byte", false));

  private static final Map<OutputType, List<String>> BY_TYPE =
      Map.of(
          OutputType.LOGLIKELIHOOD, List.of("perplexity", "acc"),
          OutputType.LOGLIKELIHOOD_ROLLING,
              List.of("word_perplexity", "byte_perplexity", "bits_per_byte"),
          OutputType.MULTIPLE_CHOICE, List.of("acc", "acc_norm", "acc_bytes", "exact_match", "f1"),
          OutputType.GENERATE_UNTIL, List.of("exact_match"),
          OutputType.LABELLED_TOKENS, List.of("acc"));

  private Metrics() {}

  /** The metrics of a task, or those that its type has where it names none. */
  static List<MetricConfig> read(Fields task, OutputType type) {
    boolean squad = task.has("process_results") && task.mapping("process_results").has("squad");
    List<String> known = squad ? List.of("f1", "em") : BY_TYPE.get(type);
    if (!task.has("metric_list")) {
      List<String> usual =
          type == OutputType.MULTIPLE_CHOICE && !squad ? List.of("acc", "acc_norm") : known;
      return usual.stream().map(Metrics::usual).toList();
    }
    List<MetricConfig> metrics = new ArrayList<>();
    for (Fields metric : task.list("metric_list")) {
      metrics.add(read(metric, known, type));
    }
    return metrics;
  }

  private static MetricConfig usual(String name) {
    Registered registered = REGISTERED.get(name);
    return new MetricConfig(name, registered.aggregation, registered.higherIsBetter, Map.of());
  }

  private static MetricConfig read(Fields metric, List<String> known, OutputType type) {
    String name = metric.string("metric", "");
    if (!known.contains(name)) {
      throw new InputException(
          "%s: there is no metric %s for such a task; there is %s%s"
              .formatted(
                  metric.place(),
                  PythonRepr.repr(name),
                  String.join(", ", known),
                  Nearest.hint(name, known)));
    }
    List<String> fields =
        new ArrayList<>(List.of("metric", "aggregation", "higher_is_better", "hf_evaluate"));
    boolean ofTexts = type == OutputType.GENERATE_UNTIL;
    fields.addAll(EXACT_MATCH_OPTIONS);
    if (!ofTexts) {
      fields.addAll(OF_NO_EFFECT);
    }
    metric.requireKnown(fields);
    // The library evaluate has no other exact_match, but its f1 is another.
    if (metric.bool("hf_evaluate", false) && !name.equals("exact_match")) {
      throw metric.wanted("hf_evaluate", "false: that library's metrics are not supported");
    }
    Registered registered = REGISTERED.get(name);
    String aggregation = metric.string("aggregation", registered.aggregation);
    if (!AGGREGATIONS.contains(aggregation)) {
      throw metric.wanted("aggregation", "one of " + String.join(", ", AGGREGATIONS));
    }
    Map<String, Object> options = new TreeMap<>(new LinkedHashMap<>(metric.values()));
    options.keySet().retainAll(ofTexts ? EXACT_MATCH_OPTIONS : List.of());
    return new MetricConfig(
        name, aggregation, metric.bool("higher_is_better", registered.higherIsBetter), options);
  }
}
