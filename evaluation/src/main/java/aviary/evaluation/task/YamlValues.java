package aviary.evaluation.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of YAML as values of documents, where all whole numbers are {@code Long}. */
final class YamlValues {
  private YamlValues() {}

  static Object value(Object yaml) {
    return switch (yaml) {
      case null -> null;
      case Integer i -> i.longValue();
      case List<?> list -> {
        List<Object> items = new ArrayList<>();
        list.forEach(item -> items.add(value(item)));
        yield items;
      }
      case Map<?, ?> map -> {
        Map<Object, Object> entries = new LinkedHashMap<>();
        map.forEach((key, item) -> entries.put(value(key), value(item)));
        yield entries;
      }
      default -> yaml;
    };
  }

  static Map<String, Object> document(Map<String, Object> yaml) {
    Map<String, Object> document = new LinkedHashMap<>();
    yaml.forEach((name, item) -> document.put(name, value(item)));
    return document;
  }
}
