package aviary.generation;

import java.util.Arrays;

/**
 * Keeps the largest of many weights, by their share of the sum (top-p) or by their number (top-k),
 * without sorting them: a histogram over the upper bits of the floats, whose order is that of the
 * numbers, finds the bucket in which the limit lies, and only that bucket is sorted.
 */
final class Nucleus {
  /** 8 bits of exponent and 7 of mantissa. */
  private static final int SHIFT = 16;

  private static final int BUCKETS = (Float.floatToRawIntBits(1f) >> SHIFT) + 1;

  private final double[] sums = new double[BUCKETS];
  private final int[] counts = new int[BUCKETS];
  private float[] bucket = new float[256];

  /**
   * Sets to 0 the weights that are out of the draw.
   *
   * @param weights weights from 0 to 1, the largest of them 1
   * @param topP as ChatRWKV: the largest weights stay, up to and with the first that brings their
   *     sum to this part of all, and those equal to that one; 1 for all
   * @param topK at most this many stay, of equal ones those with the smaller places; 0 for any
   *     number
   */
  void keep(float[] weights, double topP, int topK) {
    boolean byShare = topP < 1;
    boolean byNumber = topK > 0 && topK < weights.length;
    if (!byShare && !byNumber) {
      return;
    }
    count(weights);
    if (byShare) {
      double all = 0;
      for (double sum : sums) {
        all += sum;
      }
      float least = leastByShare(weights, topP * all);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = weights[i] < least ? 0 : weights[i];
      }
    }
    if (byNumber) {
      keepNumber(weights, topK);
    }
  }

  private void count(float[] weights) {
    Arrays.fill(sums, 0);
    Arrays.fill(counts, 0);
    for (float weight : weights) {
      int at = Float.floatToRawIntBits(weight) >> SHIFT;
      sums[at] += weight;
      counts[at]++;
    }
  }

  /** The smallest weight that is in when the largest are taken until their sum is enough. */
  private float leastByShare(float[] weights, double enough) {
    double sum = 0;
    int at = BUCKETS - 1;
    while (at > 0 && sum + sums[at] < enough) {
      sum += sums[at--];
    }
    int size = gather(weights, at);
    int i = size - 1;
    while (i > 0 && (sum += bucket[i]) < enough) {
      i--;
    }
    return size == 0 ? 0 : bucket[i];
  }

  /**
   * The counts may be those from before top-p: what it took out lies below what stays, and is not
   * reached.
   */
  private void keepNumber(float[] weights, int number) {
    int above = 0;
    int at = BUCKETS - 1;
    while (at > 0 && above + counts[at] < number) {
      above += counts[at--];
    }
    int size = gather(weights, at);
    float least = size == 0 ? 0 : bucket[Math.max(0, size - (number - above))];
    int equal = number - above;
    for (int i = size - 1; i >= 0 && bucket[i] > least; i--) {
      equal--;
    }
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] < least || weights[i] == least && equal-- <= 0) {
        weights[i] = 0;
      }
    }
  }

  /** Puts the weights of one part of the histogram in ascending order. */
  private int gather(float[] weights, int at) {
    int size = 0;
    for (float weight : weights) {
      if (Float.floatToRawIntBits(weight) >> SHIFT == at) {
        if (size == bucket.length) {
          bucket = Arrays.copyOf(bucket, size * 2);
        }
        bucket[size++] = weight;
      }
    }
    Arrays.sort(bucket, 0, size);
    return size;
  }
}
