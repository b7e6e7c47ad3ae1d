package aviary.evaluation.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Makes one number of the scores of documents, some of which may come several times, as a bootstrap
 * draws them.
 */
enum Aggregation {
  /** The mean. */
  MEAN {
    @Override
    double of(MetricValues values, int[] documents) {
      return sum(values, documents) / documents.length;
    }
  },
  /** The middle one in their order, the upper of two. */
  MEDIAN {
    @Override
    double of(MetricValues values, int[] documents) {
      double[] sorted = Arrays.stream(documents).mapToDouble(values::first).sorted().toArray();
      return sorted[sorted.length / 2];
    }
  },
  /** exp of minus the mean. */
  PERPLEXITY {
    @Override
    double of(MetricValues values, int[] documents) {
      return Math.exp(-sum(values, documents) / documents.length);
    }
  },
  /** exp of minus the sum over the number of words or bytes. */
  WEIGHTED_PERPLEXITY {
    @Override
    double of(MetricValues values, int[] documents) {
      return Math.exp(-weightedMean(values, documents));
    }
  },
  /** Minus the sum over the number of bytes, in bits. */
  BITS_PER_BYTE {
    @Override
    double of(MetricValues values, int[] documents) {
      return -weightedMean(values, documents) / Math.log(2);
    }
  },
  /** The harmonic mean of precision and recall of the choice 1. */
  F1 {
    @Override
    double of(MetricValues values, int[] documents) {
      double right = 0;
      double wrong = 0;
      for (int document : documents) {
        boolean gold = values.first(document) == 1;
        boolean chosen = values.second(document) == 1;
        right += gold && chosen ? 1 : 0;
        wrong += gold != chosen ? 1 : 0;
      }
      return right + wrong == 0 ? 0 : 2 * right / (2 * right + wrong);
    }
  };

  /** The number for documents, at least one. */
  abstract double of(MetricValues values, int[] documents);

  /** The number for all documents. */
  double of(MetricValues values) {
    return of(values, IntStream.range(0, values.size()).toArray());
  }

  private static double sum(MetricValues values, int[] documents) {
    double sum = 0;
    for (int document : documents) {
      sum += values.first(document);
    }
    return sum;
  }

  private static double weightedMean(MetricValues values, int[] documents) {
    double weights = 0;
    for (int document : documents) {
      weights += values.second(document);
    }
    return sum(values, documents) / weights;
  }
}
