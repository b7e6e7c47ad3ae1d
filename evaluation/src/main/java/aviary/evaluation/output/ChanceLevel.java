package aviary.evaluation.output;

import aviary.evaluation.run.Evaluation.Samples;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.task.Question;
import aviary.evaluation.task.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The accuracy of guessing in a task with choices: the mean over its documents of how many choices
 * are right, of those that there are. Passes the samples on.
 */
public final class ChanceLevel implements Samples {
  private final Samples next;
  private double sum;
  private int documents;
  private boolean choices = true;

  /**
   * @param next takes the samples too
   */
  public ChanceLevel(Samples next) {
    this.next = next;
  }

  @Override
  public void add(Item item, List<Response> responses, Map<String, Object> scores)
      throws IOException {
    Question question = item.question();
    documents++;
    if (question.choices().size() > 1) {
      long right = question.gold().positions().stream().filter(p -> p >= 0).distinct().count();
      sum += (double) right / question.choices().size();
    } else {
      choices = false;
    }
    next.add(item, responses, scores);
  }

  /** The level; empty of a task whose documents have no choices. */
  public OptionalDouble level() {
    return choices && documents > 0 ? OptionalDouble.of(sum / documents) : OptionalDouble.empty();
  }
}
