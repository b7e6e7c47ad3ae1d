package aviary.evaluation.task;

import aviary.InputException;
import aviary.evaluation.task.Request.Generate;
import aviary.evaluation.task.Request.LabelledTokens;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Request.Rolling;
import aviary.evaluation.template.PythonRepr;
import aviary.evaluation.template.Template;
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
   * @param place what messages call it
   * @throws InputException if it has not the columns that the task names
   */
  public Map<String, Object> prepare(Map<String, Object> document, String place) {
    return of("process_docs", place, () -> config.preparation().apply(document));
  }

  /**
   * What is asked about a document.
   *
   * @param document as {@link #prepare} gave it
   * @param shots solved examples, also so
   * @param place what messages call the document
   * @throws InputException if it has not the columns that the task names, or no choices, or its
   *     answer is none of them
   */
  public Question question(
      Map<String, Object> document, List<Map<String, Object>> shots, String place) {
    boolean hasChoices = config.choice() != null;
    String before =
        of("description", place, () -> description(document))
            + of("the examples", place, () -> examples(shots));
    Object text = of("doc_to_text", place, () -> config.text().value(document, hasChoices));
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
          plain(document, new Loglikelihood(context(before, text), PythonRepr.str(target)), target);
      case LOGLIKELIHOOD_ROLLING -> plain(document, new Rolling(PythonRepr.str(target)), target);
      case GENERATE_UNTIL ->
          new Question(
              document,
              List.of(new Generate(context(before, text), config.generation())),
              choices,
              List.of(),
              answer(target, choices, place));
      case LABELLED_TOKENS -> plain(document, labelled(text, target, place), target);
      case MULTIPLE_CHOICE -> multipleChoice(document, before, text, target, choices, place);
    };
  }

  private static Question plain(Map<String, Object> document, Request request, Object target) {
    return new Question(document, List.of(request), List.of(), List.of(), target);
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

  /** A position among choices stands for the choice. */
  private Object answer(Object target, List<String> choices, String place) {
    return choices.isEmpty() || !(target instanceof Long)
        ? target
        : choices.get(gold(target, choices, place).getFirst());
  }

  private Question multipleChoice(
      Map<String, Object> document,
      String before,
      Object text,
      Object target,
      List<String> choices,
      String place) {
    for (String choice : choices) {
      if (choice.isEmpty()) {
        throw bad(place, "has an empty choice among " + PythonRepr.repr(choices));
      }
    }
    List<Request> requests = new ArrayList<>();
    boolean multipleInput = text instanceof Long;
    for (String choice : choices) {
      requests.add(
          multipleInput
              ? new Loglikelihood(
                  before + choice, config.targetDelimiter() + PythonRepr.str(target))
              : new Loglikelihood(context(before, text), config.targetDelimiter() + choice));
    }
    // SQuAD's rule has its own right answers, which need be none of the choices.
    List<Integer> gold =
        config.results() instanceof ResultRule.Squad
            ? List.of()
            : gold(multipleInput ? text : target, choices, place);
    return new Question(document, requests, choices, gold, target);
  }

  private static String context(String before, Object text) {
    return before + PythonRepr.str(text);
  }

  private List<Integer> gold(Object answer, List<String> choices, String place) {
    List<?> answers = answer instanceof List<?> several ? several : listOf(answer);
    List<Integer> gold = new ArrayList<>();
    for (Object one : answers) {
      int position =
          switch (one) {
            case Boolean b -> b ? 1 : 0;
            case Number n -> n.doubleValue() == n.intValue() ? n.intValue() : -1;
            case String text -> choices.indexOf(text);
            case null, default -> -1;
          };
      if (position < 0 || position >= choices.size()) {
        throw bad(
            place,
            "has the answer %s, which is none of its %d choices"
                .formatted(PythonRepr.repr(one), choices.size()));
      }
      gold.add(position);
    }
    if (gold.isEmpty()) {
      throw bad(place, "has no answer");
    }
    return gold;
  }

  private static List<Object> listOf(Object one) {
    List<Object> list = new ArrayList<>();
    list.add(one);
    return list;
  }

  private String description(Map<String, Object> document) {
    Object column = document.get(config.description());
    return column != null
        ? PythonRepr.str(column)
        : Template.parse(config.description()).render(document);
  }

  private String examples(List<Map<String, Object>> shots) {
    StringBuilder out = new StringBuilder();
    for (Map<String, Object> shot : shots) {
      out.append(example(shot));
    }
    return out.toString();
  }

  private String example(Map<String, Object> shot) {
    FewshotConfig fewshot = config.fewshot();
    boolean hasChoices = config.choice() != null;
    Object text = fewshot.text().value(shot, hasChoices);
    Object target = fewshot.target().value(shot, hasChoices);
    List<String> choices = fewshot.choice() == null ? List.of() : fewshot.choice().strings(shot);
    if (text instanceof Long position && !choices.isEmpty()) {
      text = choices.get(position.intValue());
      choices = List.of();
    }
    Object first = target instanceof List<?> several ? several.getFirst() : target;
    String answer =
        first instanceof Long position && !choices.isEmpty()
            ? choices.get(position.intValue())
            : PythonRepr.str(first);
    return answer.isEmpty()
        ? PythonRepr.str(text)
        : PythonRepr.str(text) + fewshot.targetDelimiter() + answer + fewshot.delimiter();
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
