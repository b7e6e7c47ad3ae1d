package aviary.evaluation.run;

import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.template.PythonRepr;
import java.util.Optional;

/** Counts a task's documents whose answer is none of their choices. They count as wrong. */
public final class StrayLabels {
  private int count;
  private Item first;

  /** Takes the next document. */
  public void count(Item item) {
    if (item.question().gold().stray()) {
      count++;
      first = first == null ? item : first;
    }
  }

  /**
   * What a person has to know of them, in a line; nothing if there are none.
   *
   * @param task its name
   * @param documents how many were run
   */
  public Optional<String> notice(String task, int documents) {
    return count == 0
        ? Optional.empty()
        : Optional.of(
            ("task %s: %d of %d documents have a label that is none of their choices, and count"
                    + " as wrong; the first is document %d, with the label %s and %d choices")
                .formatted(
                    task,
                    count,
                    documents,
                    first.id(),
                    PythonRepr.repr(first.question().target()),
                    first.question().choices().size()));
  }
}
