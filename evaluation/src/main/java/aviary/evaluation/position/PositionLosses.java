package aviary.evaluation.position;

import java.util.ArrayList;
import java.util.List;

/** Losses at positions, gathered in ranges that double. */
public final class PositionLosses {
  private static final int RANGES = 31;

  /**
   * A range of positions.
   *
   * @param from its first, counted from 1
   * @param to its last
   * @param tokens how many there were, in all texts
   * @param mean of their losses, in nats
   * @param standardError of the mean, as if the tokens were independent; NaN for a single one
   */
  public record Range(long from, long to, long tokens, double mean, double standardError) {}

  private final long[] counts = new long[RANGES];
  private final double[] means = new double[RANGES];
  private final double[] squares = new double[RANGES];

  /**
   * Adds a token.
   *
   * @param position of the token that was expected, from 1
   * @param loss minus the logarithm of its probability
   */
  void add(int position, double loss) {
    int range = Integer.SIZE - Integer.numberOfLeadingZeros(position) - 1;
    double before = loss - means[range];
    means[range] += before / ++counts[range];
    squares[range] += before * (loss - means[range]);
  }

  /** The ranges in which there are tokens. */
  public List<Range> ranges() {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < RANGES; i++) {
      if (counts[i] > 0) {
        double error =
            counts[i] == 1 ? Double.NaN : Math.sqrt(squares[i] / (counts[i] - 1) / counts[i]);
        ranges.add(new Range(1L << i, (2L << i) - 1, counts[i], means[i], error));
      }
    }
    return ranges;
  }
}
