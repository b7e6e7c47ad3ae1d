package aviary.evaluation.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Python's operators on values. A value is null, a {@link Boolean}, a {@link Long} or another whole
 * number, a {@link Double}, a {@link String}, a {@link List}, a {@link Map} or a {@link
 * PythonObject}.
 */
public final class PythonValues {
  private static final int LONGEST_REPETITION = 1_000_000;

  private PythonValues() {}

  static boolean isTrue(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean b -> b;
      case Number n -> n.doubleValue() != 0;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case PythonObject object -> object.isTrue();
      default -> true;
    };
  }

  static boolean contains(Object all, Object part) {
    return switch (all) {
      case String text when part instanceof String piece -> text.contains(piece);
      case List<?> list -> list.stream().anyMatch(item -> PythonOrder.equal(item, part));
      case Map<?, ?> map -> map.containsKey(part);
      case null, default ->
          throw new TemplateException("cannot look for %s in %s".formatted(type(part), type(all)));
    };
  }

  /** The elements that a loop over the value has: characters of a text, keys of a dictionary. */
  static List<Object> items(Object value) {
    return switch (value) {
      case List<?> list -> Collections.unmodifiableList(list);
      case Map<?, ?> map -> List.copyOf(map.keySet());
      case String text -> List.copyOf(text.codePoints().mapToObj(Character::toString).toList());
      case null, default -> throw new TemplateException("%s has no items".formatted(type(value)));
    };
  }

  static Object binary(String operator, Object left, Object right) {
    if (operator.equals("~")) {
      return PythonRepr.str(left) + PythonRepr.str(right);
    }
    if (operator.equals("+")) {
      if (left instanceof String a && right instanceof String b) {
        return a + b;
      }
      if (left instanceof List<?> a && right instanceof List<?> b) {
        List<Object> both = new ArrayList<>(a);
        both.addAll(b);
        return both;
      }
    }
    if (operator.equals("*") && left instanceof String text && right instanceof Long times) {
      return repeated(text, times);
    }
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Number m && b instanceof Number n) {
      return arithmetic(operator, m, n);
    }
    throw new TemplateException(
        "'%s' of %s and %s has no meaning".formatted(operator, type(left), type(right)));
  }

  private static String repeated(String text, long times) {
    if (times > 0 && text.length() > LONGEST_REPETITION / times) {
      throw new TemplateException("a text is repeated too often: %d times".formatted(times));
    }
    return text.repeat((int) Math.max(0, times));
  }

  private static Object arithmetic(String operator, Number a, Number b) {
    boolean whole = !(a instanceof Double) && !(b instanceof Double);
    if (a instanceof BigDecimal || b instanceof BigDecimal) {
      throw new TemplateException("decimals are printed and compared, not calculated with");
    }
    double y = b.doubleValue();
    if (y == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new TemplateException("division by zero");
    }
    if (whole && !operator.equals("/") && !(operator.equals("**") && y < 0)) {
      return whole(operator, exactLong(a), exactLong(b));
    }
    double x = a.doubleValue();
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / y;
      case "//" -> Math.floor(x / y);
      case "%" -> x - y * Math.floor(x / y);
      case "**" -> Math.pow(x, y);
      default -> throw new TemplateException("'%s' is no operator".formatted(operator));
    };
  }

  private static long exactLong(Number number) {
    if (number instanceof Long n) {
      return n;
    }
    throw new TemplateException("%s is too large to calculate with".formatted(number));
  }

  private static long whole(String operator, long a, long b) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "//" -> Math.floorDivExact(a, b);
        case "%" -> Math.floorMod(a, b);
        case "**" -> Math.powExact(a, Math.toIntExact(b));
        default -> throw new TemplateException("'%s' is no operator".formatted(operator));
      };
    } catch (ArithmeticException e) {
      throw new TemplateException("%d %s %d is too large".formatted(a, operator, b), e);
    }
  }

  /** A position counted from the end where it is negative; for texts in code points. */
  static Object index(Object operand, Object index) {
    if (operand instanceof Map<?, ?> map) {
      return map.containsKey(index)
          ? map.get(index)
          : new Undefined("there is no %s in %s".formatted(PythonRepr.repr(index), map.keySet()));
    }
    if (!(index instanceof Long position)) {
      throw new TemplateException("%s is no position in %s".formatted(type(index), type(operand)));
    }
    int size = size(operand);
    long at = position < 0 ? position + size : position;
    if (at < 0 || at >= size) {
      return new Undefined("there is no item %d in %d".formatted(position, size));
    }
    return operand instanceof String text
        ? PythonText.slice(text, (int) at, (int) at + 1)
        : items(operand).get((int) at);
  }

  static Object slice(Object operand, Object begin, Object end, Object step) {
    int size = size(operand);
    long by = step == null ? 1 : ((Number) step).longValue();
    if (by == 1) {
      int from = bound(begin, size, 0);
      int to = bound(end, size, size);
      return operand instanceof String text
          ? PythonText.slice(text, from, to)
          : from >= to ? List.of() : List.copyOf(items(operand)).subList(from, to);
    }
    if (by == -1 && begin == null && end == null) {
      List<Object> reversed = new ArrayList<>(items(operand));
      Collections.reverse(reversed);
      return operand instanceof String ? String.join("", strings(reversed)) : reversed;
    }
    throw new TemplateException("a slice with the step %d is not supported".formatted(by));
  }

  private static int bound(Object position, int size, int otherwise) {
    if (position == null) {
      return otherwise;
    }
    if (!(position instanceof Long p)) {
      throw new TemplateException("%s is no position".formatted(type(position)));
    }
    return (int) Math.clamp(p < 0 ? p + size : p, 0L, (long) size);
  }

  static int size(Object value) {
    return switch (value) {
      case String text -> PythonText.length(text);
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case null, default -> throw new TemplateException("%s has no length".formatted(type(value)));
    };
  }

  static List<String> strings(List<?> items) {
    return items.stream().map(PythonRepr::str).toList();
  }

  /** For messages. */
  static String type(Object value) {
    return switch (value) {
      case null -> "none";
      case Boolean _ -> "a truth value";
      case Double _ -> "a number";
      case Number _ -> "a whole number";
      case String _ -> "a text";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a dictionary";
      case PythonObject.Bytes _ -> "bytes";
      case PythonObject.Decimal _ -> "a decimal";
      case PythonTime _ -> "a date or time";
      default -> "something else";
    };
  }

  /** Truth values count as 0 and 1, and a decimal as the number that it is. */
  static Object number(Object value) {
    return switch (value) {
      case Boolean b -> Long.valueOf(b ? 1 : 0);
      case PythonObject.Decimal(BigDecimal number) -> number;
      case null, default -> value;
    };
  }
}
