package aviary.evaluation.data;

import aviary.evaluation.template.PythonRepr;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * JSON as Python's {@code json.dumps} writes it with {@code ensure_ascii=False}, byte for byte: the
 * hashes in lm-evaluation-harness's files are of such texts.
 */
public final class PythonJson {
  private static final int FLAT = -1;

  private PythonJson() {}

  /** On one line, with a space behind each comma and colon. */
  public static String line(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value, FLAT);
    return out.toString();
  }

  /** On a line for each item, indented by two spaces. */
  public static String indented(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value, 0);
    return out.toString();
  }

  private static void append(StringBuilder out, Object value, int depth) {
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b);
      case Double d -> out.append(number(d));
      case Number n -> out.append(n);
      case List<?> list -> items(out, list, depth);
      case Map<?, ?> map -> entries(out, map, depth);
      // What json.dumps does not know, lm-evaluation-harness turns into text.
      default -> quoted(out, PythonRepr.str(value));
    }
  }

  private static void items(StringBuilder out, List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    int inner = deeper(depth);
    for (Iterator<?> items = list.iterator(); items.hasNext(); ) {
      newLine(out, inner);
      append(out, items.next(), inner);
      comma(out, items.hasNext(), depth);
    }
    newLine(out, depth);
    out.append(']');
  }

  private static void entries(StringBuilder out, Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    int inner = deeper(depth);
    for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        entries.hasNext(); ) {
      Map.Entry<?, ?> entry = entries.next();
      newLine(out, inner);
      quoted(out, PythonRepr.str(entry.getKey()));
      out.append(": ");
      append(out, entry.getValue(), inner);
      comma(out, entries.hasNext(), depth);
    }
    newLine(out, depth);
    out.append('}');
  }

  private static int deeper(int depth) {
    return depth == FLAT ? FLAT : depth + 1;
  }

  private static void comma(StringBuilder out, boolean more, int depth) {
    if (more) {
      out.append(depth == FLAT ? ", " : ",");
    }
  }

  private static void newLine(StringBuilder out, int depth) {
    if (depth != FLAT) {
      out.append('\n').append("  ".repeat(depth));
    }
  }

  private static String number(double d) {
    return Double.isNaN(d)
        ? "NaN"
        : Double.isInfinite(d) ? (d > 0 ? "Infinity" : "-Infinity") : PythonRepr.number(d);
  }

  private static void quoted(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
