package aviary.evaluation.task;

import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.Template;
import aviary.evaluation.template.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a task file says of a document: {@code doc_to_text}, {@code doc_to_target}, {@code
 * doc_to_choice}. It names a column, or is a template, or a value that is the same for all. A bare
 * name is always a column: where there is none of it, lm-evaluation-harness would ask every
 * document the name itself.
 */
public final class DocumentField {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final String text;
  private final Template template;
  private final Object constant;

  /**
   * @param value what stands in the task file: a text, a whole number or a list
   * @throws TemplateException if it is a text that is no template
   */
  public DocumentField(Object value) {
    constant =
        switch (value) {
          case String _ -> null;
          case Map<?, ?> map -> YamlValues.value(new ArrayList<>(map.values()));
          default -> YamlValues.value(value);
        };
    text = value instanceof String s ? s : null;
    template = text == null ? null : Template.parse(text);
  }

  /**
   * The answer for a document, as lm-evaluation-harness takes it: a column as it is; a template's
   * text as a number if it is one and the task has choices, as a list if it is written like one.
   */
  public Object value(Map<String, Object> document, boolean hasChoices) {
    Object value = question(document, hasChoices);
    boolean rendered = text != null && !document.containsKey(text);
    return rendered
            && value instanceof String written
            && written.length() >= 2
            && written.startsWith("[")
            && written.endsWith("]")
        ? literal(document)
        : value;
  }

  /**
   * The question for a document, as lm-evaluation-harness takes it: as {@link #value}, but a text
   * that is written like a list stays a text.
   */
  public Object question(Map<String, Object> document, boolean hasChoices) {
    if (text == null) {
      return constant;
    }
    if (isColumn(document)) {
      return document.get(text);
    }
    String rendered = template.render(document);
    return hasChoices && isNumber(rendered) ? (Object) Long.valueOf(rendered) : rendered;
  }

  /** The value that the rendered text means in Python, or the text if it means none. */
  private Object literal(Map<String, Object> document) {
    String rendered = template.render(document);
    try {
      Object value = template.value(document);
      // A column may hold a text that is written like a list.
      return value instanceof String written ? Template.literal(written) : value;
    } catch (TemplateException e) {
      return rendered;
    }
  }

  /**
   * The texts for a document.
   *
   * @throws TemplateException if it is no list of texts
   */
  public List<String> strings(Map<String, Object> document) {
    Object value =
        text == null ? constant : isColumn(document) ? document.get(text) : literal(document);
    if (!(value instanceof List<?> list)) {
      throw new TemplateException("gives %s and not a list".formatted(PythonRepr.repr(value)));
    }
    for (Object item : list) {
      if (!(item instanceof String)) {
        throw new TemplateException(
            "has the choice %s, which is no text".formatted(PythonRepr.repr(item)));
      }
    }
    return list.stream().map(String.class::cast).toList();
  }

  private boolean isColumn(Map<String, Object> document) {
    if (document.containsKey(text)) {
      return true;
    }
    if (NAME.matcher(text).matches()) {
      throw new TemplateException(
          ("there is no column \"%1$s\"; there is %2$s%3$s; a text that is the same for all is"
                  + " written {{ '%1$s' }}")
              .formatted(
                  text,
                  String.join(", ", document.keySet()),
                  Nearest.hint(text, document.keySet())));
    }
    return false;
  }

  /** What Python's {@code isdigit} takes, of what can be a position. */
  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() < 19
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
