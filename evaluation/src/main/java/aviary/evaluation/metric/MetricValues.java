package aviary.evaluation.metric;

import java.util.Arrays;
import java.util.List;

/** A metric's scores of all documents, in their order: one or two numbers each. */
public final class MetricValues {
  private double[] first = new double[64];
  private double[] second = {};
  private int size;

  /** Adds a document's score: a number or a list of two. */
  public void add(Object score) {
    if (size == first.length) {
      first = Arrays.copyOf(first, 2 * size);
    }
    if (score instanceof List<?> pair) {
      if (second.length < first.length) {
        second = Arrays.copyOf(second, first.length);
      }
      first[size] = ((Number) pair.get(0)).doubleValue();
      second[size++] = ((Number) pair.get(1)).doubleValue();
    } else {
      first[size++] = ((Number) score).doubleValue();
    }
  }

  /** How many documents there are. */
  public int size() {
    return size;
  }

  double first(int document) {
    return first[document];
  }

  double second(int document) {
    return second[document];
  }
}
