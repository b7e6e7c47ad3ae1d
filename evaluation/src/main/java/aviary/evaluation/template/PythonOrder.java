package aviary.evaluation.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Which values Python takes for equal, and how it orders them. */
public final class PythonOrder {
  private PythonOrder() {}

  /** {@code a == b}: 1, 1.0 and true are equal, NaN is not even equal to itself. */
  public static boolean equal(Object a, Object b) {
    Object x = PythonValues.number(a);
    Object y = PythonValues.number(b);
    if (x instanceof Number m && y instanceof Number n) {
      return compareNumbers(m, n) == 0 && !isNaN(m);
    }
    if (a instanceof PythonTime.Zoned m && b instanceof PythonTime.Zoned n) {
      return compareTimes(m, n) == 0;
    }
    if (a instanceof List<?> m && b instanceof List<?> n) {
      return m.size() == n.size()
          && IntStream.range(0, m.size()).allMatch(i -> equal(m.get(i), n.get(i)));
    }
    if (a instanceof Map<?, ?> m && b instanceof Map<?, ?> n) {
      return m.size() == n.size()
          && m.entrySet().stream()
              .allMatch(entry ->
                  n.containsKey(entry.getKey()) && equal(entry.getValue(), n.get(entry.getKey())));
    }
    return Objects.equals(a, b);
  }

  /** As {@code sorted} orders them: numbers by size, texts by code points, lists by their items. */
  static int compare(Object a, Object b) {
    Object x = PythonValues.number(a);
    Object y = PythonValues.number(b);
    if (x instanceof Number m && y instanceof Number n) {
      return compareNumbers(m, n);
    }
    if (a instanceof String m && b instanceof String n) {
      return compareText(m, n);
    }
    if (a instanceof PythonTime m && b instanceof PythonTime n) {
      return compareTimes(m, n);
    }
    if (a instanceof List<?> m && b instanceof List<?> n) {
      for (int i = 0; i < Math.min(m.size(), n.size()); i++) {
        int order = compare(m.get(i), n.get(i));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(m.size(), n.size());
    }
    throw new TemplateException(
        "cannot compare %s with %s".formatted(PythonValues.type(a), PythonValues.type(b)));
  }

  private static boolean isNaN(Number number) {
    return number instanceof Double d && d.isNaN();
  }

  private static int compareNumbers(Number a, Number b) {
    if (a instanceof Long m && b instanceof Long n) {
      return Long.compare(m, n);
    }
    return isFinite(a) && isFinite(b)
        ? exact(a).compareTo(exact(b))
        : Double.compare(a.doubleValue(), b.doubleValue());
  }

  private static boolean isFinite(Number number) {
    return !(number instanceof Double d) || Double.isFinite(d);
  }

  private static BigDecimal exact(Number number) {
    return switch (number) {
      case BigDecimal decimal -> decimal;
      case BigInteger whole -> new BigDecimal(whole);
      case Double d -> new BigDecimal(d);
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static int compareTimes(PythonTime a, PythonTime b) {
    if (a instanceof PythonTime.Date(var m) && b instanceof PythonTime.Date(var n)) {
      return m.compareTo(n);
    }
    if (a instanceof PythonTime.Time(var m) && b instanceof PythonTime.Time(var n)) {
      return m.compareTo(n);
    }
    if (a instanceof PythonTime.Local m && b instanceof PythonTime.Local n) {
      return m.time().compareTo(n.time());
    }
    if (a instanceof PythonTime.Zoned m && b instanceof PythonTime.Zoned n) {
      return m.time().toInstant().compareTo(n.time().toInstant());
    }
    if (a instanceof PythonTime.Delta m && b instanceof PythonTime.Delta n) {
      return m.duration().compareTo(n.duration());
    }
    throw new TemplateException("cannot compare %s with %s".formatted(a.repr(), b.repr()));
  }

  /** Java's order is by UTF-16 units, in which what lies beyond U+FFFF comes before U+E000. */
  private static int compareText(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }
}
