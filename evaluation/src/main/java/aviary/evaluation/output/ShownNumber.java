package aviary.evaluation.output;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as all tables of scores show them. */
public final class ShownNumber {
  private static final int DECIMALS = 4;

  /** From here on numbers have an exponent. */
  private static final double MOST_DIGITS = 1e9;

  private ShownNumber() {}

  /**
   * With four decimals, as Python rounds: the number that the double is, to even; without a sign if
   * all digits are zero. A large one has an exponent, where lm-evaluation-harness prints all
   * digits: a perplexity of 10^30 would fill the line. Others are {@code NaN}, {@code Infinity} and
   * {@code -Infinity}.
   */
  public static String of(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    if (Math.abs(value) >= MOST_DIGITS) {
      return String.format(Locale.ROOT, "%." + DECIMALS + "e", value);
    }
    return new BigDecimal(value).setScale(DECIMALS, RoundingMode.HALF_EVEN).toPlainString();
  }
}
