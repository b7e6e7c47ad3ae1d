package aviary.evaluation.data;

import aviary.evaluation.template.PythonTime;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;

/** The values that one column has, or one field of its objects, or the items of its lists. */
final class JsonColumn {
  private static final int DECIMALS = 10;

  /** Beyond this pandas writes all digits of a double. */
  private static final double ROUNDED = 1e16;

  private static final BigInteger MOST_UNSIGNED = BigInteger.TWO.pow(Long.SIZE);

  private enum Kind {
    TRUTH,
    NUMBER,
    TEXT,
    LIST,
    OBJECT
  }

  /**
   * What holds for all columns of a split.
   *
   * @param comparesKeys whether objects with other keys are of several kinds
   * @param mixed whether some column is, or the lines are written anew for another reason
   */
  record Rules(boolean comparesKeys, boolean mixed) {}

  private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
  private final Map<String, JsonColumn> fields = new LinkedHashMap<>();
  private JsonColumn items;
  private Set<?> firstKeys;
  private boolean hasOtherKeys;
  private boolean hasFraction;
  private boolean hasNotFinite;
  private boolean hasHugeNumber;
  private boolean hasOtherThanTimes;

  Map<String, JsonColumn> fields() {
    return fields;
  }

  void add(Object value) {
    switch (value) {
      case null -> {}
      case Boolean _ -> kinds.add(Kind.TRUTH);
      case Number number -> addNumber(number);
      case String text -> {
        kinds.add(Kind.TEXT);
        hasOtherThanTimes |= IsoTime.parse(text) == null;
      }
      case List<?> list -> {
        kinds.add(Kind.LIST);
        items = items == null ? new JsonColumn() : items;
        list.forEach(items::add);
      }
      case Map<?, ?> object -> addObject(object);
      default -> throw new IllegalArgumentException("no value of JSON: " + value.getClass());
    }
  }

  private void addNumber(Number number) {
    kinds.add(Kind.NUMBER);
    switch (number) {
      case Double d when Double.isFinite(d) -> hasFraction = true;
      case Double _ -> hasNotFinite = true;
      case BigInteger n -> {
        hasFraction = true;
        hasHugeNumber |= n.signum() < 0 || n.compareTo(MOST_UNSIGNED) >= 0;
      }
      default -> {}
    }
  }

  private void addObject(Map<?, ?> object) {
    kinds.add(Kind.OBJECT);
    if (firstKeys == null) {
      firstKeys = Set.copyOf(object.keySet());
      hasOtherKeys = firstKeys.isEmpty();
    }
    hasOtherKeys |= !firstKeys.equals(object.keySet());
    object.forEach(
        (key, value) -> fields.computeIfAbsent((String) key, _ -> new JsonColumn()).add(value));
  }

  /** Whether it has a number that pandas does not read. */
  boolean hasHugeNumber() {
    return hasHugeNumber
        || items != null && items.hasHugeNumber()
        || fields.values().stream().anyMatch(JsonColumn::hasHugeNumber);
  }

  private boolean isMixed(boolean comparesKeys) {
    return kinds.size() > 1 || comparesKeys && hasOtherKeys;
  }

  /** Whether it, or something in it, has values of several kinds. */
  boolean hasMixed(boolean comparesKeys) {
    return isMixed(comparesKeys)
        || items != null && items.hasMixed(comparesKeys)
        || fields.values().stream().anyMatch(field -> field.hasMixed(comparesKeys));
  }

  /** One of the values that were added, as its column has it. */
  Object value(Object value, Rules rules) {
    if (isMixed(rules.comparesKeys)) {
      return value instanceof String text ? read(text) : rewritten(value);
    }
    return switch (value) {
      case null -> null;
      case Number number -> number(number, rules.mixed);
      case String text ->
          hasOtherThanTimes ? text : new PythonTime.Local(IsoTime.parse(text), false);
      case List<?> list -> {
        List<Object> all = new ArrayList<>(list.size());
        list.forEach(item -> all.add(items.value(item, rules)));
        yield all;
      }
      case Map<?, ?> object -> {
        Map<String, Object> all = new LinkedHashMap<>();
        fields.forEach((name, field) -> all.put(name, field.value(object.get(name), rules)));
        yield all;
      }
      default -> value;
    };
  }

  private Object number(Number number, boolean mixed) {
    Object its = mixed ? rewritten(number) : number;
    return its instanceof Number n && (hasFraction || hasNotFinite && !mixed)
        ? (Object) n.doubleValue()
        : its;
  }

  /** What pandas reads in a text of a mixed column; the text itself if that is not JSON. */
  private static Object read(String text) {
    if (text.isBlank()) {
      return text;
    }
    try {
      return rewritten(JsonValues.read(text.getBytes(StandardCharsets.UTF_8)));
    } catch (JacksonException e) {
      return text;
    }
  }

  /** As it is after pandas has written and read it. */
  private static Object rewritten(Object value) {
    return switch (value) {
      case Double d when !Double.isFinite(d) -> null;
      case Double d when d != 0 && Math.abs(d) < ROUNDED ->
          new BigDecimal(d).setScale(DECIMALS, RoundingMode.HALF_EVEN).doubleValue();
      case List<?> list -> {
        List<Object> all = new ArrayList<>(list.size());
        list.forEach(item -> all.add(rewritten(item)));
        yield all;
      }
      case Map<?, ?> object -> {
        Map<Object, Object> all = new LinkedHashMap<>();
        object.forEach((key, its) -> all.put(key, rewritten(its)));
        yield all;
      }
      case null, default -> value;
    };
  }
}
