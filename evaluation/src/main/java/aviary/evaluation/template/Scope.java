package aviary.evaluation.template;

import java.util.HashMap;
import java.util.Map;

/**
 * The names that a template may use: the document's columns, and variables of {@code for} and
 * {@code set}.
 */
final class Scope {
  private final Map<String, Object> document;
  private final Map<String, Object> variables = new HashMap<>();

  Scope(Map<String, Object> document) {
    this.document = document;
  }

  /** The same names, to which others can be added without this one having them. */
  Scope inner() {
    Scope inner = new Scope(document);
    inner.variables.putAll(variables);
    return inner;
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  /** The value, or an {@link Undefined}. */
  Object get(String name) {
    if (variables.containsKey(name)) {
      return variables.get(name);
    }
    if (document.containsKey(name)) {
      return document.get(name);
    }
    return new Undefined(
        "there is no column \"%s\"; there is %s"
            .formatted(name, String.join(", ", document.keySet())));
  }
}
