package aviary.evaluation.metric;

import aviary.evaluation.random.PythonRandom;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Standard errors, as lm-evaluation-harness has them. */
public final class StandardErrors {
  private static final int CHUNK = 1000;

  private StandardErrors() {}

  /**
   * The standard error of a metric over all documents: of a mean the sample's standard deviation by
   * the root of the number; of others by bootstrap.
   *
   * @param iterations how often the bootstrap draws; 0 for no standard errors
   * @return nothing where lm-evaluation-harness has none
   */
  static OptionalDouble of(Aggregation aggregation, MetricValues values, int iterations) {
    if (iterations <= 0 || values.size() < 2) {
      return OptionalDouble.empty();
    }
    return switch (aggregation) {
      case MEAN -> {
        double[] all = IntStream.range(0, values.size()).mapToDouble(values::first).toArray();
        yield OptionalDouble.of(deviation(all) / Math.sqrt(all.length));
      }
      case MEDIAN, PERPLEXITY, F1 ->
          OptionalDouble.of(deviation(bootstrap(aggregation, values, iterations)));
      case WEIGHTED_PERPLEXITY, BITS_PER_BYTE -> OptionalDouble.empty();
    };
  }

  /**
   * The number for as many documents as there are, drawn with putting back. Each thousand draws has
   * a generator of its own, with the thousand's number as its seed.
   */
  private static double[] bootstrap(Aggregation aggregation, MetricValues values, int iterations) {
    int chunk = Math.min(CHUNK, iterations);
    return IntStream.range(0, iterations / chunk)
        .parallel()
        .mapToObj(seed -> draws(aggregation, values, seed, chunk))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  private static double[] draws(Aggregation aggregation, MetricValues values, int seed, int count) {
    PythonRandom random = new PythonRandom(seed);
    int[] documents = new int[values.size()];
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < documents.length; k++) {
        documents[k] = random.choice(documents.length);
      }
      numbers[i] = aggregation.of(values, documents);
    }
    return numbers;
  }

  private static double deviation(double[] numbers) {
    double mean = 0;
    for (double number : numbers) {
      mean += number;
    }
    mean /= numbers.length;
    double squares = 0;
    for (double number : numbers) {
      squares += (number - mean) * (number - mean);
    }
    return Math.sqrt(squares / (numbers.length - 1));
  }

  /**
   * Of a mean over tasks that counts each by its documents: the pooled variance.
   *
   * @param errors of the tasks
   * @param sizes how many documents each has
   */
  public static double pooled(List<Double> errors, List<Integer> sizes) {
    double variance = 0;
    long all = 0;
    for (int i = 0; i < errors.size(); i++) {
      double size = sizes.get(i);
      variance += (size - 1) * errors.get(i) * errors.get(i) * size;
      all += sizes.get(i);
    }
    return Math.sqrt(variance / (all - errors.size()) / all);
  }

  /** Of a mean over tasks that counts all alike. */
  public static double ofMean(List<Double> errors) {
    double squares = errors.stream().mapToDouble(error -> error * error).sum();
    return Math.sqrt(squares) / errors.size();
  }
}
