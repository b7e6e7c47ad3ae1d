package aviary.evaluation.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The methods of Python's texts, lists and dictionaries. */
final class Methods {
  private Methods() {}

  static Object call(Object operand, String name, List<Object> arguments) {
    return switch (operand) {
      case String text -> ofText(text, name, arguments);
      case List<?> list -> ofList(list, name, arguments);
      case Map<?, ?> map -> ofDict(map, name, arguments);
      case PythonObject.Bytes bytes when name.equals("decode") -> bytes.text();
      case PythonTime time when name.equals("isoformat") && arguments.isEmpty() ->
          TimeParts.isoFormat(time);
      case null, default -> throw unknown(operand, name);
    };
  }

  private static Object ofText(String text, String name, List<Object> arguments) {
    return switch (name) {
      case "strip" -> PythonText.strip(text, outside(arguments), true, true);
      case "lstrip" -> PythonText.strip(text, outside(arguments), true, false);
      case "rstrip" -> PythonText.strip(text, outside(arguments), false, true);
      case "lower" -> PythonText.lower(text);
      case "upper" -> PythonText.upper(text);
      case "capitalize" -> PythonText.capitalize(text);
      case "title" -> PythonText.title(text);
      case "split" ->
          arguments.isEmpty()
              ? words(text)
              : split(text, string(name, arguments, 0), most(arguments, 1));
      case "rsplit" -> splitRight(text, string(name, arguments, 0), most(arguments, 1));
      case "splitlines" -> text.lines().toList();
      case "join" -> String.join(text, PythonValues.strings(list(name, arguments)));
      case "replace" -> replace(text, string(name, arguments, 0), string(name, arguments, 1));
      case "startswith" -> text.startsWith(string(name, arguments, 0));
      case "endswith" -> text.endsWith(string(name, arguments, 0));
      case "index" -> position(text, string(name, arguments, 0));
      case "find" -> (long) PythonText.find(text, string(name, arguments, 0), 0);
      case "count" -> count(text, string(name, arguments, 0));
      case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
      case "isspace" -> !text.isEmpty() && text.codePoints().allMatch(PythonText::isSpace);
      default -> throw unknown(text, name);
    };
  }

  private static Object ofList(List<?> list, String name, List<Object> arguments) {
    return switch (name) {
      case "index" -> {
        Object wanted = argument(name, arguments, 0);
        for (int i = 0; i < list.size(); i++) {
          if (PythonOrder.equal(list.get(i), wanted)) {
            yield (long) i;
          }
        }
        throw new TemplateException(
            "%s is not in %s".formatted(PythonRepr.repr(wanted), PythonRepr.repr(list)));
      }
      case "count" ->
          list.stream()
              .filter(item -> PythonOrder.equal(item, argument(name, arguments, 0)))
              .count();
      default -> throw unknown(list, name);
    };
  }

  private static Object ofDict(Map<?, ?> map, String name, List<Object> arguments) {
    return switch (name) {
      case "keys" -> List.copyOf(map.keySet());
      case "values" -> new ArrayList<>(map.values());
      case "items" ->
          map.entrySet().stream()
              .map(entry -> java.util.Arrays.asList(entry.getKey(), entry.getValue()))
              .toList();
      case "get" -> {
        Object key = argument(name, arguments, 0);
        yield map.containsKey(key) ? map.get(key) : arguments.size() > 1 ? arguments.get(1) : null;
      }
      default -> throw unknown(map, name);
    };
  }

  /**
   * {@code replace}, which also puts the new text between all characters where the old is empty.
   */
  static String replace(String text, String old, String replacement) {
    return text.replace(old, replacement);
  }

  /** The runs of characters between white space. */
  private static List<Object> words(String text) {
    List<Object> words = new ArrayList<>();
    int begin = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean inside = i < text.length() && !PythonText.isSpace(text.charAt(i));
      if (inside && begin < 0) {
        begin = i;
      } else if (!inside && begin >= 0) {
        words.add(text.substring(begin, i));
        begin = -1;
      }
    }
    return words;
  }

  private static List<Object> split(String text, String separator, long most) {
    requireSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int begin = 0;
    int at = text.indexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(text.substring(begin, at));
      begin = at + separator.length();
      at = text.indexOf(separator, begin);
    }
    parts.add(text.substring(begin));
    return parts;
  }

  private static List<Object> splitRight(String text, String separator, long most) {
    requireSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    int at = text.lastIndexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      parts.addFirst(text.substring(at + separator.length(), end));
      end = at;
      at = at == 0 ? -1 : text.lastIndexOf(separator, at - separator.length());
    }
    parts.addFirst(text.substring(0, end));
    return parts;
  }

  private static void requireSeparator(String separator) {
    if (separator.isEmpty()) {
      throw new TemplateException("cannot split at an empty text");
    }
  }

  private static long position(String text, String part) {
    int at = PythonText.find(text, part, 0);
    if (at < 0) {
      throw new TemplateException(
          "there is no %s in %s".formatted(PythonRepr.repr(part), PythonRepr.repr(text)));
    }
    return at;
  }

  private static long count(String text, String part) {
    return part.isEmpty() ? PythonText.length(text) + 1L : split(text, part, -1).size() - 1L;
  }

  private static IntPredicate outside(List<Object> arguments) {
    if (arguments.isEmpty() || arguments.getFirst() == null) {
      return PythonText::isSpace;
    }
    String characters = string("strip", arguments, 0);
    return c -> characters.indexOf(c) >= 0;
  }

  private static long most(List<Object> arguments, int index) {
    return arguments.size() > index && arguments.get(index) instanceof Long most ? most : -1;
  }

  private static List<?> list(String name, List<Object> arguments) {
    return PythonValues.items(argument(name, arguments, 0));
  }

  static String string(String name, List<Object> arguments, int index) {
    if (argument(name, arguments, index) instanceof String text) {
      return text;
    }
    throw new TemplateException(
        "%s wants a text, not %s".formatted(name, PythonValues.type(arguments.get(index))));
  }

  static Object argument(String name, List<Object> arguments, int index) {
    if (index >= arguments.size()) {
      throw new TemplateException("%s wants another argument".formatted(name));
    }
    return arguments.get(index);
  }

  private static TemplateException unknown(Object operand, String name) {
    return new TemplateException(
        "%s has no method %s that is known here".formatted(PythonValues.type(operand), name));
  }
}
