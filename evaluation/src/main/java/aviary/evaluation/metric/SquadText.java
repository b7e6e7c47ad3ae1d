package aviary.evaluation.metric;

import aviary.evaluation.template.PythonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How SQuAD compares answers (Rajpurkar et al. 2016, their evaluation script): without case,
 * punctuation, articles and more than one space.
 */
final class SquadText {
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);

  private SquadText() {}

  /** The words that are compared. */
  static List<String> words(String text) {
    StringBuilder kept = new StringBuilder();
    text.toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(c -> !ExactMatch.isPunctuation(c))
        .forEach(kept::appendCodePoint);
    String spaced = ARTICLES.matcher(kept).replaceAll(" ");
    StringBuilder plain = new StringBuilder();
    spaced.codePoints().forEach(c -> plain.appendCodePoint(PythonText.isSpace(c) ? ' ' : c));
    return Arrays.stream(plain.toString().split(" ")).filter(word -> !word.isEmpty()).toList();
  }

  /** 1 if the words are the same, else 0. */
  static double exact(String a, String b) {
    return words(a).equals(words(b)) ? 1 : 0;
  }

  /** The harmonic mean of precision and recall of words, each counted as often as it is there. */
  static double f1(String a, String b) {
    List<String> first = words(a);
    List<String> second = words(b);
    if (first.isEmpty() || second.isEmpty()) {
      return first.equals(second) ? 1 : 0;
    }
    List<String> left = new ArrayList<>(second);
    long same = first.stream().filter(left::remove).count();
    if (same == 0) {
      return 0;
    }
    double precision = (double) same / second.size();
    double recall = (double) same / first.size();
    return 2 * precision * recall / (precision + recall);
  }
}
