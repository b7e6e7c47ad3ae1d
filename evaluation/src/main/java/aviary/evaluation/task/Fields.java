package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.Template;
import aviary.evaluation.template.TemplateException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A mapping of a task file, whose values are asked for by type.
 *
 * @param place what messages call it: the file, and the mapping in it
 * @param values by name
 */
record Fields(String place, Map<String, Object> values) {

  /**
   * A mapping within one.
   *
   * @throws InputException if the value is none
   */
  static Fields of(String place, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new InputException("%s: wanted a mapping of fields".formatted(place));
    }
    for (Object key : map.keySet()) {
      if (!(key instanceof String)) {
        throw new InputException(
            "%s: the field %s is no name".formatted(place, PythonRepr.repr(key)));
      }
    }
    @SuppressWarnings("unchecked") // As was just checked.
    Map<String, Object> named = (Map<String, Object>) map;
    return new Fields(place, named);
  }

  /**
   * Checks that there are no other fields.
   *
   * @throws InputException which names the first other one, and what may have been meant
   */
  void requireKnown(Collection<String> known) {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw new InputException(
            "%s: there is no field %s%s".formatted(place, name, Nearest.hint(name, known)));
      }
    }
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  String string(String name, String otherwise) {
    return switch (values.get(name)) {
      case null -> otherwise;
      case String text -> text;
      default -> throw wanted(name, "a text");
    };
  }

  boolean bool(String name, boolean otherwise) {
    return switch (values.get(name)) {
      case null -> otherwise;
      case Boolean b -> b;
      default -> throw wanted(name, "true or false");
    };
  }

  /** A whole number that is not negative, or null. */
  Integer count(String name) {
    return switch (values.get(name)) {
      case null -> null;
      case Number n
          when n.doubleValue() >= 0
              && n.doubleValue() <= Integer.MAX_VALUE
              && n.doubleValue() == n.intValue() ->
          n.intValue();
      default -> throw wanted(name, "a whole number that is not negative");
    };
  }

  /** A text or a list of texts, as a list. */
  List<String> strings(String name) {
    return switch (values.get(name)) {
      case null -> List.of();
      case String text -> List.of(text);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          list.stream().map(String.class::cast).toList();
      default -> throw wanted(name, "a text or a list of texts");
    };
  }

  /** The mappings of a list. */
  List<Fields> list(String name) {
    return switch (values.get(name)) {
      case null -> List.of();
      case List<?> list -> list.stream().map(item -> of(place + ": " + name, item)).toList();
      default -> throw wanted(name, "a list");
    };
  }

  Fields mapping(String name) {
    return of(place + ": " + name, values.get(name));
  }

  /** A value of documents, or null. */
  DocumentField document(String name) {
    try {
      return has(name) ? new DocumentField(values.get(name)) : null;
    } catch (TemplateException e) {
      throw bad(name, e);
    }
  }

  /** A text of prompts, or null. */
  DocumentText text(String name) {
    String text = string(name, null);
    try {
      return text == null ? null : new DocumentText(text);
    } catch (TemplateException e) {
      throw bad(name, e);
    }
  }

  /** A template, or null. */
  Template template(String name) {
    try {
      return has(name) ? Template.parse(PythonRepr.str(values.get(name))) : null;
    } catch (TemplateException e) {
      throw bad(name, e);
    }
  }

  InputException wanted(String name, String what) {
    return new InputException(
        "%s: %s is %s, wanted %s".formatted(place, name, PythonRepr.repr(values.get(name)), what));
  }

  private InputException bad(String name, TemplateException e) {
    return new InputException(
        "%s: the template of %s is none: %s".formatted(place, name, e.getMessage()), e);
  }
}
