package aviary.evaluation.data;

import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the fields of a column of CSV are: whole numbers, fractions, truth values or texts, whatever
 * all of them can be, as pandas' {@code read_csv} finds it for {@code datasets}. A field that is
 * missing is none in each; beside it whole numbers become fractions.
 */
final class CsvColumn {
  /** What stands for nothing. */
  private static final Set<String> NOTHING =
      Set.of(
          "",
          "#N/A",
          "#N/A N/A",
          "#NA",
          "-1.#IND",
          "-1.#QNAN",
          "-NaN",
          "-nan",
          "1.#IND",
          "1.#QNAN",
          "<NA>",
          "N/A",
          "NA",
          "NULL",
          "NaN",
          "None",
          "n/a",
          "nan",
          "null");

  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern FRACTION =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
  private static final Pattern INFINITE = Pattern.compile("(?i)[+-]?inf(inity)?");
  private static final Set<String> TRUTH =
      Set.of("True", "TRUE", "true", "False", "FALSE", "false");
  private static final BigInteger MOST =
      BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

  private boolean hasNothing;
  private boolean areWhole = true;
  private boolean areFractions = true;
  private boolean areTruth = true;
  private boolean isNegative;
  private boolean isBeyondLong;

  /** Takes account of a field. */
  void see(String field) {
    if (NOTHING.contains(field)) {
      hasNothing = true;
      return;
    }
    String number = field.strip();
    if (areWhole) {
      seeWhole(number);
    }
    areFractions = areFractions && isFraction(number);
    areTruth = areTruth && TRUTH.contains(field);
  }

  private void seeWhole(String number) {
    areWhole = WHOLE.matcher(number).matches();
    if (areWhole) {
      BigInteger value = new BigInteger(number);
      isNegative |= value.signum() < 0;
      if (value.bitLength() >= Long.SIZE) {
        isBeyondLong = true;
        if (value.signum() < 0 || value.compareTo(MOST) > 0) {
          // No number of 64 bits: pandas leaves such a column as texts.
          areWhole = false;
          areFractions = false;
        }
      }
    }
  }

  private static boolean isFraction(String number) {
    return FRACTION.matcher(number).matches() || INFINITE.matcher(number).matches();
  }

  /** What a field is, when all have been seen. */
  Object value(String field) {
    if (NOTHING.contains(field)) {
      return null;
    }
    boolean whole = areWhole && !(isNegative && isBeyondLong);
    if (whole && !hasNothing) {
      BigInteger value = new BigInteger(field.strip());
      return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }
    if (areFractions) {
      return fraction(field.strip());
    }
    return areTruth ? (Object) field.equalsIgnoreCase("true") : field;
  }

  private static double fraction(String number) {
    return INFINITE.matcher(number).matches()
        ? number.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY
        : Double.parseDouble(number);
  }
}
