package aviary.evaluation.compare;

import aviary.evaluation.compare.SamplePairs.Pair;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The differences of a metric between two runs, document by document.
 *
 * @param documents how many both have
 * @param mean of the differences
 * @param squares the sum of their squares around the mean
 */
record PairedDifferences(int documents, double mean, double squares) {

  static PairedDifferences of(Path first, Path second, String metric) throws IOException {
    int documents = 0;
    double mean = 0;
    double squares = 0;
    try (SamplePairs pairs = new SamplePairs(first, second)) {
      for (Pair pair = pairs.next(); pair != null; pair = pairs.next()) {
        if (pair.first().get(metric) instanceof Number a
            && pair.second().get(metric) instanceof Number b) {
          // Welford's update, which loses no digits.
          double difference = b.doubleValue() - a.doubleValue();
          double before = difference - mean;
          mean += before / ++documents;
          squares += before * (difference - mean);
        }
      }
    }
    return new PairedDifferences(documents, mean, squares);
  }

  /** Whether their mean is a difference of two scores, as it is if these are means. */
  boolean explains(double difference) {
    return documents > 1 && Math.abs(mean - difference) < 1e-9;
  }

  double standardError() {
    return Math.sqrt(squares / (documents - 1) / documents);
  }
}
