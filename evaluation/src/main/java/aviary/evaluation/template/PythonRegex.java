package aviary.evaluation.template;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions with Python's meaning: {@code \s}, {@code \w} and {@code \d} take all of
 * Unicode, a dot stops at line feeds alone, and a replacement names groups as {@code \1}.
 */
public final class PythonRegex {
  private static final String SPACE =
      "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  private PythonRegex() {}

  /**
   * Compiles an expression.
   *
   * @throws TemplateException if it is none
   */
  public static Pattern compile(String python) {
    try {
      return Pattern.compile(
          translate(python), Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES);
    } catch (PatternSyntaxException e) {
      throw new TemplateException(
          "the regular expression %s is none: %s".formatted(python, e.getDescription()), e);
    }
  }

  /** {@code re.sub}: replaces all matches. */
  static String replaceAll(String text, String expression, String replacement) {
    return compile(expression).matcher(text).replaceAll(translateReplacement(replacement));
  }

  private static String translate(String python) {
    StringBuilder out = new StringBuilder();
    boolean inClass = false;
    for (int i = 0; i < python.length(); i++) {
      char c = python.charAt(i);
      if (c == '\\' && i + 1 < python.length()) {
        char escaped = python.charAt(++i);
        out.append(
            switch (escaped) {
              case 's' -> inClass ? SPACE : "[" + SPACE + "]";
              case 'S' -> "[^" + SPACE + "]";
              case 'Z' -> "\\z";
              default -> "\\" + escaped;
            });
      } else if (inClass && c == '[') {
        out.append("\\["); // Java would begin a class within the class.
      } else {
        inClass = c == '[' || inClass && c != ']';
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String translateReplacement(String python) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < python.length(); i++) {
      char c = python.charAt(i);
      boolean group =
          c == '\\' && i + 1 < python.length() && Character.isDigit(python.charAt(i + 1));
      if (group) {
        out.append('$').append(python.charAt(++i));
      } else if (c == '\\' && i + 1 < python.length()) {
        char escaped = python.charAt(++i);
        out.append(escaped == 'n' ? "\n" : Matcher.quoteReplacement(String.valueOf(escaped)));
      } else {
        out.append(Matcher.quoteReplacement(String.valueOf(c)));
      }
    }
    return out.toString();
  }
}
