package aviary.evaluation.run;

import aviary.InputException;
import aviary.evaluation.metric.DocumentScores;
import aviary.evaluation.metric.TaskScores;
import aviary.evaluation.run.TaskData.Item;
import aviary.evaluation.run.TaskData.Items;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.TaskConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs tasks with a model. A window of documents is answered together, while the next one is read
 * and made tokens of. So memory does not depend on how many documents there are. Answers are kept
 * as they come.
 */
public final class Evaluation {

  /** Takes a document with its answers and scores, document after document. */
  public interface Samples {

    /** Of nobody's interest. */
    Samples NONE = (_, _, _) -> {};

    /**
     * @param item the document and what was asked
     * @param responses the answers
     * @param scores by metric
     */
    void add(Item item, List<Response> responses, Map<String, Object> scores) throws IOException;
  }

  private final Scorer scorer;
  private final RunOptions options;

  /** Runs with a scorer. */
  public Evaluation(Scorer scorer, RunOptions options) {
    this.scorer = scorer;
    this.options = options;
  }

  /** Some documents, and their requests as tokens. */
  record Window(List<Item> items, Scorer.Encoded encoded) {}

  /**
   * Asks the model about those of a task's documents that have not been answered.
   *
   * @param answers a file to keep the answers in, or that has some of them
   * @param answered is told after each batch that answers some how many documents have been
   * @return how many had been before
   * @throws InputException if a document cannot be asked about; what was answered before is kept
   */
  public int answer(TaskData data, Path answers, DocumentListener answered) throws IOException {
    try (Answers kept = new Answers(answers, options.window(), data.limited());
        Items items = data.items();
        ExecutorService ahead =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
      for (int i = 0; i < kept.documents(); i++) {
        items.next();
      }
      int before = kept.documents() + kept.begun().size();
      answered.documents(before, before);
      Future<Window> next = ahead.submit(() -> window(data, items));
      for (Window window = await(next); !window.items.isEmpty(); window = await(next)) {
        next = ahead.submit(() -> window(data, items));
        new WindowRun(window, kept, documents -> answered.documents(documents, before)).run(scorer);
      }
      return before;
    }
  }

  /** Deletes answers that were kept. */
  public static void forget(Path answers) throws IOException {
    Answers.delete(answers);
  }

  /** Is told how many documents have been answered. */
  public interface DocumentListener {
    /**
     * @param documents in all
     * @param kept how many of these in a run that was cut off
     */
    void documents(int documents, int kept);
  }

  private Window window(TaskData data, Items items) throws IOException {
    List<Item> window = new ArrayList<>();
    List<Request> requests = new ArrayList<>();
    while (window.size() < options.window()) {
      Item item = items.next();
      if (item == null) {
        break;
      }
      window.add(item);
      requests.addAll(item.question().requests());
    }
    try {
      return new Window(window, scorer.encode(requests));
    } catch (InputException e) {
      throw new InputException(
          "task %s: documents %d to %d: %s"
              .formatted(
                  data.config().name(),
                  window.getFirst().id(),
                  window.getLast().id(),
                  e.getMessage()),
          e);
    }
  }

  private static Window await(Future<Window> window) throws IOException {
    try {
      return window.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new CompletionException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * Scores documents by answers that were kept.
   *
   * @param answers the file that {@link #answer} wrote
   * @param samples takes each document
   * @throws InputException if a document has not what its score needs
   */
  public TaskScores score(TaskData data, Path answers, Samples samples) throws IOException {
    TaskScores scores = new TaskScores(data.config());
    try (Answers.Reader reader = Answers.read(answers);
        Items items = data.items()) {
      for (Item item = items.next(); item != null; item = items.next()) {
        List<Response> responses = reader.next();
        Map<String, Object> its = scores(data.config(), item, responses);
        scores.add(its);
        samples.add(item, responses, its);
      }
    }
    return scores;
  }

  private static Map<String, Object> scores(TaskConfig task, Item item, List<Response> responses) {
    try {
      return DocumentScores.of(task, item.question(), responses);
    } catch (InputException e) {
      throw new InputException(
          "task %s: document %d: %s".formatted(task.name(), item.id(), e.getMessage()), e);
    }
  }
}
