package aviary.evaluation.template;

import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * What Python's {@code str} does where Java's does something else: positions count code points, and
 * white space has more characters.
 */
public final class PythonText {
  private PythonText() {}

  /** Whether Python's {@code str.isspace} and its {@code \s} take the code point. */
  public static boolean isSpace(int c) {
    return c >= 0x09 && c <= 0x0D
        || c >= 0x1C && c <= 0x20
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200A
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** The number of code points. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Without what {@code outside} takes at the left end, the right end or both. */
  static String strip(String text, IntPredicate outside, boolean left, boolean right) {
    int begin = 0;
    int end = text.length();
    while (left && begin < end && outside.test(text.codePointAt(begin))) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    while (right && end > begin && outside.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(begin, end);
  }

  /** Without white space at both ends. */
  public static String strip(String text) {
    return strip(text, PythonText::isSpace, true, true);
  }

  /** Without white space at the right end. */
  public static String stripRight(String text) {
    return strip(text, PythonText::isSpace, false, true);
  }

  /** The code points from {@code begin} to before {@code end}, which are positions of the text. */
  static String slice(String text, int begin, int end) {
    if (begin >= end) {
      return "";
    }
    int from = text.offsetByCodePoints(0, begin);
    return text.substring(from, text.offsetByCodePoints(from, end - begin));
  }

  /** The position of the first {@code part} from {@code begin} on, or -1; in code points. */
  static int find(String text, String part, int begin) {
    if (begin > length(text)) {
      return -1;
    }
    int at = text.indexOf(part, text.offsetByCodePoints(0, begin));
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  /** {@code str.lower}. */
  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** {@code str.upper}. */
  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** {@code str.capitalize}: the first letter in title case, all others lower. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.codePointAt(0));
    return titleCase(text.substring(0, first)) + restLower(text, first);
  }

  /**
   * {@code str.title}: each word, which is a run of letters, with its first letter in title case.
   */
  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      String letter = Character.toString(c);
      boolean cased = Character.isLetter(c);
      out.append(!cased ? letter : inWord ? lower(letter) : titleCase(letter));
      inWord = cased;
    }
    return out.toString();
  }

  /** Lowered with the text before it, as a sigma at a word's end has its own small letter. */
  private static String restLower(String text, int first) {
    return lower(text).substring(lower(text.substring(0, first)).length());
  }

  private static String titleCase(String letter) {
    int c = letter.codePointAt(0);
    int title = Character.toTitleCase(c);
    String upper = upper(letter);
    if (title != c || upper.length() == letter.length()) {
      return Character.toString(title);
    }
    // Letters that become several, such as ß: the first of these stays large.
    int head = Character.charCount(upper.codePointAt(0));
    return upper.substring(0, head) + lower(upper.substring(head));
  }
}
