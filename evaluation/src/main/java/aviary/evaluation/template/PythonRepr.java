package aviary.evaluation.template;

import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Values as Python prints them: {@code str} and {@code repr}. */
public final class PythonRepr {
  private PythonRepr() {}

  /** What {@code str(value)} gives, and a template prints. */
  public static String str(Object value) {
    return switch (value) {
      case String text -> text;
      case PythonObject object -> object.str();
      case null, default -> repr(value);
    };
  }

  /** What {@code repr(value)} gives. */
  public static String repr(Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean b -> b ? "True" : "False";
      case Double d -> number(d);
      case Number n -> n.toString();
      case String text -> quoted(text);
      case PythonTuple tuple -> joined(tuple, "(", tuple.size() == 1 ? ",)" : ")");
      case List<?> list -> joined(list, "[", "]");
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case PythonObject object -> object.repr();
      default -> value.toString();
    };
  }

  private static String joined(List<?> items, String begin, String end) {
    return items.stream().map(PythonRepr::repr).collect(Collectors.joining(", ", begin, end));
  }

  /** The shortest decimals that give the number back; exponents as Python writes them. */
  public static String number(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    String java = Double.toString(d);
    int e = java.indexOf('E');
    if (e < 0) {
      return java;
    }
    int exponent = Integer.parseInt(java.substring(e + 1));
    if (exponent >= -4 && exponent < 16) {
      String plain = new java.math.BigDecimal(java).toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = java.substring(0, e).replaceFirst("\\.0$", "");
    return "%se%s%02d".formatted(digits, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static String quoted(String text) {
    return quoted(text, PythonRepr::isPrintable);
  }

  /**
   * A literal of the text.
   *
   * @param printable which characters stand as they are
   */
  static String quoted(String text, IntPredicate printable) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    text.codePoints().forEach(c -> append(out, c, quote, printable));
    return out.append(quote).toString();
  }

  private static void append(StringBuilder out, int c, char quote, IntPredicate printable) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\' -> out.append("\\\\");
      default -> {
        if (c == quote) {
          out.append('\\').append(quote);
        } else if (printable.test(c)) {
          out.appendCodePoint(c);
        } else {
          out.append((c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c));
        }
      }
    }
  }

  private static boolean isPrintable(int c) {
    return c == ' '
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SPACE_SEPARATOR ->
              false;
          default -> true;
        };
  }
}
