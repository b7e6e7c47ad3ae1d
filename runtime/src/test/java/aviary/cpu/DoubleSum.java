package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Supplier;

/** A sum of products in doubles, to compare one in floats with. */
final class DoubleSum {

  /** Half the distance from 1 to the next float: how far off, relatively, a rounding can be. */
  static final double ROUNDING = 0x1p-24;

  private double sum;
  private double size;
  private int terms;

  void add(double a, double b) {
    sum += a * b;
    size += Math.abs(a * b);
    terms++;
  }

  /**
   * Fails unless a sum of the same terms in floats can be {@code actual}. In whatever order it is
   * added, a term goes through a rounding as a product and one for each other term at most, and so
   * the sum is off by so many roundings of the sum of absolute terms.
   */
  void assertNear(float actual, Supplier<String> what) {
    double bound = (terms + 1) * ROUNDING * size + Float.MIN_NORMAL;
    assertEquals(sum, actual, bound, what);
  }
}
