package aviary.evaluation.template;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A template: text with {@code {{ expressions }}}, {@code {% statements %}} (if, for, set) and
 * {@code {# comments #}}.
 */
public final class Template {
  private final String source;
  private final List<Node> nodes;

  private Template(String source, List<Node> nodes) {
    this.source = source;
    this.nodes = nodes;
  }

  /**
   * Parses a template.
   *
   * @throws TemplateException if it is none
   */
  public static Template parse(String source) {
    return bounded(() -> new Template(source, new TemplateParser(source).parse()));
  }

  /** The text of the template. */
  public String source() {
    return source;
  }

  /**
   * What the template becomes with a document.
   *
   * @param document the columns' values: null, {@link Boolean}, {@link Long}, {@link Double},
   *     {@link String}, {@link List} or {@link Map}
   * @throws TemplateException if it names a column that there is not, or an operation has no
   *     meaning
   */
  public String render(Map<String, Object> document) {
    return bounded(() -> {
      StringBuilder out = new StringBuilder();
      Scope scope = new Scope(document);
      nodes.forEach(node -> node.render(scope, out));
      return out.toString();
    });
  }

  /**
   * The value of a template that is one expression and nothing else, such as a list; otherwise the
   * value that its text means in Python.
   *
   * @throws TemplateException as {@link #render}, and if the text is no value
   */
  public Object value(Map<String, Object> document) {
    if (nodes.size() == 1 && nodes.getFirst() instanceof Node.Output output) {
      return bounded(() -> new Evaluator(new Scope(document)).value(output.expression()));
    }
    return literal(render(document));
  }

  /** The value of a template that is one expression and nothing else; otherwise its text. */
  public Object valueOrText(Map<String, Object> document) {
    return nodes.size() == 1 && nodes.getFirst() instanceof Node.Output
        ? value(document)
        : render(document);
  }

  /**
   * The value that a text means in Python, such as {@code ['a', 'b']}.
   *
   * @throws TemplateException if it means none
   */
  public static Object literal(String text) {
    return bounded(() -> new Evaluator(new Scope(Map.of())).value(ExpressionParser.parse(text)));
  }

  /** Expressions may stand in each other as deep as the stack allows. */
  private static <T> T bounded(Supplier<T> value) {
    try {
      return value.get();
    } catch (StackOverflowError e) {
      throw new TemplateException("an expression has too much in it", e);
    }
  }
}
