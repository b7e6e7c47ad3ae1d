package aviary.evaluation.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Jinja's filters, and lm-evaluation-harness's {@code regex_replace}. */
final class Filters {
  private Filters() {}

  /**
   * Applies a filter.
   *
   * @param value what is before the bar; only {@code default} takes an {@link Undefined}
   */
  static Object apply(
      Object value, String name, List<Object> arguments, Map<String, Object> named) {
    if (name.equals("default") || name.equals("d")) {
      return orElse(value, arguments);
    }
    Object known = Undefined.require(value);
    return switch (name) {
      case "join" -> join(known, arguments, named);
      case "list" -> PythonValues.items(known);
      case "map" -> map(known, arguments, named);
      case "first" -> PythonValues.index(PythonValues.items(known), 0L);
      case "last" -> PythonValues.index(PythonValues.items(known), -1L);
      case "length", "count" -> (long) PythonValues.size(known);
      case "sort" -> sort(known, named);
      case "unique" -> unique(known, named);
      case "reverse" -> PythonValues.slice(known, null, null, -1L);
      case "sum" ->
          PythonValues.items(known).stream().reduce(0L, (a, b) -> PythonValues.binary("+", a, b));
      case "int" -> integer(known);
      case "float" -> decimal(known);
      case "abs" ->
          PythonOrder.compare(known, 0L) < 0 ? PythonValues.binary("-", 0L, known) : known;
      case "string" -> PythonRepr.str(known);
      default -> ofText(name, PythonRepr.str(known), arguments);
    };
  }

  private static Object ofText(String name, String text, List<Object> arguments) {
    return switch (name) {
      case "trim" -> Methods.call(text, "strip", arguments);
      case "lower", "upper", "capitalize", "title" -> Methods.call(text, name, List.of());
      case "replace" ->
          Methods.replace(
              text, Methods.string(name, arguments, 0), Methods.string(name, arguments, 1));
      // Ours: the text that is given, with this value in the place of a mark.
      case "put_into" ->
          Methods.replace(
              Methods.string(name, arguments, 0), Methods.string(name, arguments, 1), text);
      case "regex_replace" ->
          PythonRegex.replaceAll(
              text, Methods.string(name, arguments, 0), Methods.string(name, arguments, 1));
      default -> throw new TemplateException("there is no filter %s".formatted(name));
    };
  }

  private static Object orElse(Object value, List<Object> arguments) {
    boolean alsoFalse = arguments.size() > 1 && PythonValues.isTrue(arguments.get(1));
    boolean replace = value instanceof Undefined || alsoFalse && !PythonValues.isTrue(value);
    return !replace ? value : arguments.isEmpty() ? "" : arguments.getFirst();
  }

  private static Object join(Object value, List<Object> arguments, Map<String, Object> named) {
    String separator = arguments.isEmpty() ? "" : PythonRepr.str(arguments.getFirst());
    Object items = named.containsKey("attribute") ? map(value, List.of(), named) : value;
    return String.join(separator, PythonValues.strings(PythonValues.items(items)));
  }

  /** {@code map(attribute='name')}, or {@code map('filter', arguments)}. */
  private static Object map(Object value, List<Object> arguments, Map<String, Object> named) {
    Function<Object, Object> function;
    if (named.containsKey("attribute")) {
      String attribute = PythonRepr.str(named.get("attribute"));
      function = item -> attribute(item, attribute);
    } else {
      String filter = Methods.string("map", arguments, 0);
      List<Object> more = arguments.subList(1, arguments.size());
      function = item -> apply(item, filter, more, named);
    }
    List<Object> mapped = new ArrayList<>();
    PythonValues.items(value).forEach(item -> mapped.add(Undefined.require(function.apply(item))));
    return mapped;
  }

  private static Object attribute(Object item, String path) {
    Object at = item;
    for (String name : path.split("\\.")) {
      boolean position = !name.isEmpty() && name.chars().allMatch(Character::isDigit);
      at = PythonValues.index(Undefined.require(at), position ? (Object) Long.valueOf(name) : name);
    }
    return at;
  }

  private static Object sort(Object value, Map<String, Object> named) {
    List<Object> sorted = new ArrayList<>(PythonValues.items(value));
    sorted.sort((a, b) -> PythonOrder.compare(key(a, named), key(b, named)));
    if (PythonValues.isTrue(named.get("reverse"))) {
      Collections.reverse(sorted);
    }
    return sorted;
  }

  private static Object unique(Object value, Map<String, Object> named) {
    Map<Object, Object> first = new LinkedHashMap<>();
    PythonValues.items(value).forEach(item -> first.putIfAbsent(key(item, named), item));
    return new ArrayList<>(first.values());
  }

  /** Jinja does not mind case unless it is told. */
  private static Object key(Object item, Map<String, Object> named) {
    return item instanceof String text && !PythonValues.isTrue(named.get("case_sensitive"))
        ? PythonText.lower(text)
        : item;
  }

  private static Object integer(Object value) {
    try {
      return switch (value) {
        case Boolean b -> (Object) (b ? 1L : 0L);
        case Double d -> whole(new BigDecimal(d)); // NaN is no number here, as in Jinja.
        case PythonObject.Decimal(BigDecimal number) -> whole(number);
        case Number n -> (Object) n;
        case String text -> (Object) Long.valueOf(PythonText.strip(text));
        case null, default -> 0L;
      };
    } catch (NumberFormatException e) {
      return 0L; // As Jinja has it.
    }
  }

  private static Object whole(BigDecimal number) {
    BigInteger whole = number.toBigInteger();
    return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
  }

  private static Object decimal(Object value) {
    try {
      return value instanceof Number n
          ? n.doubleValue()
          : Double.valueOf(PythonText.strip(PythonRepr.str(value)));
    } catch (NumberFormatException e) {
      return 0.0; // As Jinja has it.
    }
  }
}
