package aviary.evaluation.output;

import java.util.Map;
import java.util.Optional;

/**
 * What a result file is of, in one line: the model, its device, how much of the tasks was run, and
 * the version of Aviary.
 */
public final class RunHeading {
  private RunHeading() {}

  /**
   * Makes the line.
   *
   * @param file the fields of a result file
   * @return empty for a file that Aviary did not write
   */
  public static Optional<String> of(Map<String, Object> file) {
    if (!file.containsKey(Results.VERSION)
        || !(file.get("config") instanceof Map<?, ?> config)
        || !(file.get("n-samples") instanceof Map<?, ?> counts)) {
      return Optional.empty();
    }
    Object limit = config.get("limit");
    return Optional.of(
        "%s on %s, %s, %d documents, batch size %s, %s"
            .formatted(
                file.get("model_name"),
                config.get("device"),
                limit instanceof Number number
                    ? "limit " + limit(number.doubleValue())
                    : "no limit",
                documents(counts),
                config.get("batch_size"),
                file.get(Results.VERSION)));
  }

  private static String limit(double limit) {
    return limit == Math.rint(limit) ? String.valueOf((long) limit) : String.valueOf(limit);
  }

  private static long documents(Map<?, ?> counts) {
    return counts.values().stream()
        .mapToLong(its ->
            its instanceof Map<?, ?> map && map.get("effective") instanceof Number number
                ? number.longValue()
                : 0)
        .sum();
  }
}
