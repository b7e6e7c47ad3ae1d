package aviary.evaluation.metric;

import aviary.evaluation.template.PythonRegex;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** Whether a generated text is the wanted one, but for what a task says does not matter. */
final class ExactMatch {

  /** Python's {@code string.punctuation}. */
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private ExactMatch() {}

  static boolean isPunctuation(int c) {
    return PUNCTUATION.indexOf(c) >= 0;
  }

  /**
   * @param options {@code ignore_case}, {@code ignore_punctuation}, {@code ignore_numbers} and
   *     {@code regexes_to_ignore}
   */
  static boolean matches(String text, String reference, Map<String, Object> options) {
    return reduced(text, options).equals(reduced(reference, options));
  }

  private static String reduced(String text, Map<String, Object> options) {
    String reduced = text;
    if (options.get("regexes_to_ignore") instanceof List<?> expressions) {
      for (Object expression : expressions) {
        reduced = PythonRegex.compile(expression.toString()).matcher(reduced).replaceAll("");
      }
    }
    if (Boolean.TRUE.equals(options.get("ignore_case"))) {
      reduced = reduced.toLowerCase(Locale.ROOT);
    }
    if (Boolean.TRUE.equals(options.get("ignore_punctuation"))) {
      reduced = without(reduced, ExactMatch::isPunctuation);
    }
    if (Boolean.TRUE.equals(options.get("ignore_numbers"))) {
      reduced = without(reduced, c -> c >= '0' && c <= '9');
    }
    return reduced;
  }

  private static String without(String text, IntPredicate gone) {
    StringBuilder kept = new StringBuilder();
    text.codePoints().filter(gone.negate()).forEach(kept::appendCodePoint);
    return kept.toString();
  }
}
