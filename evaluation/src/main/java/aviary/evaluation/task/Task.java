package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.task.Request.Generate;
import aviary.evaluation.task.Request.LabelledTokens;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Request.Rolling;
import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Makes requests of documents, exactly those that lm-evaluation-harness 0.4.13 makes.
 *
 * @param config the task
 */
public record Task(TaskConfig config) {

  /**
   * The document as the task sees it; null if the task leaves it out.
   *
   * @param preparation the task's own, or that of its examples
   * @param place what messages call it
   * @throws InputException if it has not the columns that the task names
   */
  public Map<String, Object> prepare(
      Preparation preparation, Map<String, Object> document, String place) {
    return of("process_docs", place, () -> preparation.apply(document));
  }

  /**
   * What is asked about a document.
   *
   * @param document as {@link #prepare} gave it
   * @param shots solved examples, also so
   * @param place what messages call the document
   * @throws InputException if it has not the columns that the task names, or no choices, or an
   *     example's answer is none of the example's choices
   */
  public Question question(
      Map<String, Object> document, List<Map<String, Object>> shots, String place) {
    boolean hasChoices = config.choice() != null;
    String before =
        of("description", place, () -> description(document))
            + of("the examples", place, () -> examples(shots));
    Object text = of("doc_to_text", place, () -> text(document, hasChoices));
    String prefix =
        config.prefix() == null ? "" : of("gen_prefix", place, () -> config.prefix().of(document));
    List<String> choices =
        hasChoices
            ? of("doc_to_choice", place, () -> config.choice().strings(document))
            : List.of();
    if (hasChoices && choices.isEmpty()) {
      throw bad(place, "has no choices");
    }
    Object target = of("doc_to_target", place, () -> config.target().value(document, hasChoices));
    return switch (config.outputType()) {
      case LOGLIKELIHOOD ->
          plain(
              document,
              new Loglikelihood(context(before, text, prefix), PythonRepr.str(target)),
              target);
      case LOGLIKELIHOOD_ROLLING -> plain(document, new Rolling(PythonRepr.str(target)), target);
      case GENERATE_UNTIL ->
          new Question(
              document,
              List.of(new Generate(context(before, text, prefix), config.generation())),
              choices,
              Gold.item(target, choices),
              target);
      case LABELLED_TOKENS -> plain(document, labelled(text, target, place), target);
      case MULTIPLE_CHOICE -> multipleChoice(document, before, text, prefix, target, choices);
    };
  }

  /** Token ids are a list, also where a template gives them. */
  private Object text(Map<String, Object> document, boolean hasChoices) {
    return config.outputType() == OutputType.LABELLED_TOKENS
        ? config.text().value(document, hasChoices)
        : config.text().question(document, hasChoices);
  }

  private static Question plain(Map<String, Object> document, Request request, Object target) {
    return new Question(document, List.of(request), List.of(), Gold.NOT_ASKED, target);
  }

  private Request labelled(Object text, Object target, String place) {
    List<Long> tokens = numbers("doc_to_text", text, 0, place);
    List<Long> labels = numbers("doc_to_target", target, LabelledTokens.NOTHING, place);
    if (tokens.size() != labels.size()) {
      throw bad(place, "has %d tokens and %d labels".formatted(tokens.size(), labels.size()));
    }
    if (labels.stream().allMatch(label -> label == LabelledTokens.NOTHING)) {
      throw bad(place, "has no label");
    }
    return new LabelledTokens(tokens, labels);
  }

  private List<Long> numbers(String field, Object value, long least, String place) {
    if (value instanceof List<?> list
        && list.stream().allMatch(item -> item instanceof Long n && n >= least)) {
      return list.stream().map(Long.class::cast).toList();
    }
    throw bad(place, "has no list of token ids: %s gives %s".formatted(field, shortened(value)));
  }

  private static String shortened(Object value) {
    String text = PythonRepr.repr(value);
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }

  private Question multipleChoice(
      Map<String, Object> document,
      String before,
      Object text,
      String prefix,
      Object target,
      List<String> choices) {
    List<Request> requests = new ArrayList<>();
    boolean multipleInput = Example.isPosition(text);
    for (String choice : choices) {
      requests.add(
          multipleInput
              ? new Loglikelihood(
                  before + choice + prefix, config.targetDelimiter() + PythonRepr.str(target))
              : new Loglikelihood(
                  context(before, text, prefix), config.targetDelimiter() + choice));
    }
    // SQuAD's rule has its own right answers, which need be none of the choices.
    Gold gold =
        config.results() instanceof ResultRule.Squad
            ? Gold.NOT_ASKED
            : Gold.of(multipleInput ? text : target, choices);
    return new Question(document, requests, choices, gold, target);
  }

  private String context(String before, Object text, String prefix) {
    return before + Example.withPrefix(PythonRepr.str(text), prefix, config.targetDelimiter());
  }

  private String description(Map<String, Object> document) {
    return new DocumentText(config.description()).of(document);
  }

  private String examples(List<Map<String, Object>> shots) {
    Example example = new Example(config.fewshot(), config.choice() != null);
    StringBuilder out = new StringBuilder();
    for (Map<String, Object> shot : shots) {
      out.append(example.of(shot));
    }
    return out.toString();
  }

  private interface Value<T> {
    T get();
  }

  private <T> T of(String field, String place, Value<T> value) {
    try {
      return value.get();
    } catch (TemplateException e) {
      throw new InputException(
          "task %s: %s: %s: %s".formatted(config.name(), place, field, e.getMessage()), e);
    } catch (IndexOutOfBoundsException | NoSuchElementException e) {
      throw bad(place, "has an example's answer that is none of its choices");
    }
  }

  private InputException bad(String place, String problem) {
    return new InputException("task %s: %s %s".formatted(config.name(), place, problem));
  }
}
