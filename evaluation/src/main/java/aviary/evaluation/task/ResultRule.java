package aviary.evaluation.task;

/** How a document is scored where its output type does not say: {@code process_results}. */
public sealed interface ResultRule {

  /** As the output type says. */
  record Usual() implements ResultRule {}

  /**
   * For rolling tasks: words and bytes are those of a column.
   *
   * @param column its name
   */
  record CountsOf(String column) implements ResultRule {}

  /**
   * The most likely choice stands for a text, which is compared with the right ones: {@code em} and
   * {@code f1} of the best match, after SQuAD's normalisation.
   *
   * @param predictions the column with one text for each choice
   * @param references the column with the right texts
   */
  record Squad(String predictions, String references) implements ResultRule {}
}
