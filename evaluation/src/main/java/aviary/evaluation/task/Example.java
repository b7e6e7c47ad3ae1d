package aviary.evaluation.task;

import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.PythonText;
import aviary.evaluation.template.TemplateException;
import java.util.List;
import java.util.Map;

/**
 * Writes questions and solved examples as lm-evaluation-harness 0.4.13 does ({@code
 * build_qa_turn}).
 *
 * @param fewshot how examples are written
 * @param hasChoices whether the task has choices: then digits are a position
 */
record Example(FewshotConfig fewshot, boolean hasChoices) {

  /**
   * The text of a solved example.
   *
   * @throws TemplateException if its answer is neither a text nor the position of a choice
   * @throws IndexOutOfBoundsException if there is no choice at the position
   */
  String of(Map<String, Object> document) {
    Object text = fewshot.text().question(document, hasChoices);
    List<String> choices =
        fewshot.choice() == null ? List.of() : fewshot.choice().strings(document);
    Object answer = fewshot.target().value(document, hasChoices);
    String prefix = fewshot.prefix() == null ? "" : fewshot.prefix().of(document);
    if (isPosition(text) && !choices.isEmpty()) {
      text = Position.item(choices, Position.of(text));
      choices = List.of();
    }
    String question = PythonRepr.str(text);
    // Without an answer there is no delimiter either.
    if (answer == null || answer.equals("")) {
      return withPrefix(question, prefix, fewshot.targetDelimiter());
    }
    String written = written(answer, choices);
    return (prefix.isEmpty()
            ? question + fewshot.targetDelimiter() + written
            : withPrefix(question, prefix, fewshot.targetDelimiter())
                + (joins(prefix, written) ? "" : " ")
                + written)
        + fewshot.delimiter();
  }

  /** A question and the text that the answer begins with, which may be empty. */
  static String withPrefix(String question, String prefix, String delimiter) {
    return question + (joins(question, prefix) ? "" : delimiter) + prefix;
  }

  /** Whether nothing has to stand between two texts: one is empty, or has white space there. */
  private static boolean joins(String before, String after) {
    return before.isEmpty()
        || after.isEmpty()
        || PythonText.isSpace(before.codePointBefore(before.length()))
        || PythonText.isSpace(after.codePointAt(0));
  }

  /** Of several right answers the first is written. */
  private static String written(Object answer, List<String> choices) {
    Object first = answer instanceof List<?> several ? several.getFirst() : answer;
    if (first instanceof String text) {
      return text;
    }
    if (choices.isEmpty()) {
      return PythonRepr.str(first);
    }
    Long position = Position.of(first);
    if (position == null) {
      throw new TemplateException(
          "an example has the answer %s, which is neither a text nor a choice's position"
              .formatted(PythonRepr.repr(first)));
    }
    return Position.item(choices, position);
  }

  /** Only whole numbers and truth values choose a text. */
  static boolean isPosition(Object text) {
    return text instanceof Boolean || text instanceof Long;
  }
}
