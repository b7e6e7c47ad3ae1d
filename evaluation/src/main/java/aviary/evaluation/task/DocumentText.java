package aviary.evaluation.task;

import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.Template;
import java.util.Map;

/**
 * A text that a task file adds to a prompt: a column's name, or a template, of which a plain text
 * is one.
 */
public final class DocumentText {
  private final String text;
  private final Template template;

  /**
   * @param text what the task file has
   * @throws aviary.evaluation.template.TemplateException if it is no template
   */
  public DocumentText(String text) {
    this.text = text;
    template = Template.parse(text);
  }

  /** The text for a document; empty where the column has no value. */
  public String of(Map<String, Object> document) {
    if (!document.containsKey(text)) {
      return template.render(document);
    }
    Object value = document.get(text);
    return value == null ? "" : PythonRepr.str(value);
  }
}
