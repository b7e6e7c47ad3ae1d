package aviary.evaluation.run;

import aviary.InputException;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.data.DataFolder.Wanted;
import aviary.evaluation.data.DocumentReader;
import aviary.evaluation.data.DocumentStore;
import aviary.evaluation.data.Documents;
import aviary.evaluation.task.Preparation;
import aviary.evaluation.task.Question;
import aviary.evaluation.task.Shots;
import aviary.evaluation.task.Task;
import aviary.evaluation.task.TaskConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A task and its documents. */
public final class TaskData implements AutoCloseable {

  /**
   * A document with what is asked about it.
   *
   * @param id its position among the task's documents
   * @param question what is asked
   */
  public record Item(int id, Question question) {}

  private final Task task;
  private final RunOptions options;
  private final Documents source;
  private final int numFewshot;
  private final Documents examples;
  private final DocumentStore pool;
  private final int documents;

  private TaskData(
      TaskConfig config,
      RunOptions options,
      Documents source,
      int numFewshot,
      Documents examples,
      DocumentStore pool,
      int documents) {
    task = new Task(config);
    this.options = options;
    this.source = source;
    this.numFewshot = numFewshot;
    this.examples = examples;
    this.pool = pool;
    this.documents = documents;
  }

  /**
   * Finds a task's data, counts its documents, and tries the first one.
   *
   * @param data null where the task makes its documents itself
   * @throws InputException if data, a split or a column is missing, or there is no document
   */
  public static TaskData open(TaskConfig config, DataFolder data, RunOptions options)
      throws IOException {
    Documents source =
        config.made() != null ? config.made() : data.find(config.wanted(config.evaluatedSplit()));
    int numFewshot = numFewshot(config, options);
    Documents examples = readsExamples(config, options) ? examples(config, data) : null;
    DocumentStore pool = numFewshot == 0 ? null : pool(config, examples);
    TaskData counted =
        new TaskData(config, options, source, numFewshot, examples, pool, count(config, source));
    try {
      if (counted.documents == 0) {
        throw new InputException(
            "task %s: there is no document in %s".formatted(config.name(), source.place()));
      }
      try (Items items = counted.items()) {
        items.next();
      }
      return counted;
    } catch (Throwable e) {
      counted.close();
      throw e;
    }
  }

  /** What a task reads; nothing where it makes its documents itself. */
  public static List<Wanted> reads(TaskConfig config, RunOptions options) {
    List<Wanted> all = new ArrayList<>();
    if (config.made() == null) {
      all.add(config.wanted(config.evaluatedSplit()));
      if (readsExamples(config, options)) {
        all.add(config.wanted(config.fewshotSplit()));
      }
    }
    return all;
  }

  /** A task that says 0 keeps to it, as in lm-evaluation-harness. */
  private static int numFewshot(TaskConfig config, RunOptions options) {
    boolean fixed = Integer.valueOf(0).equals(config.numFewshot());
    Integer chosen =
        options.numFewshot() == null || fixed ? config.numFewshot() : options.numFewshot();
    return chosen == null ? 0 : chosen;
  }

  /** Whether there are examples, and they do not stand in the task file. */
  private static boolean readsExamples(TaskConfig config, RunOptions options) {
    return numFewshot(config, options) > 0 && !config.hasOwnExamples();
  }

  private static Documents examples(TaskConfig config, DataFolder data) throws IOException {
    return data.find(config.wanted(config.fewshotSplit()));
  }

  private static DocumentStore pool(TaskConfig config, Documents examples) throws IOException {
    if (examples == null) {
      Iterator<Map<String, Object>> left = config.fewshot().samples().iterator();
      return new DocumentStore(() -> left.hasNext() ? left.next() : null);
    }
    try (Prepared prepared = new Prepared(config, config.examplePreparation(), examples)) {
      return new DocumentStore(prepared::next);
    }
  }

  private static int count(TaskConfig config, Documents source) throws IOException {
    try (Prepared prepared = new Prepared(config, config.preparation(), source)) {
      int count = 0;
      while (prepared.next() != null) {
        count++;
      }
      return count;
    }
  }

  /** The task. */
  public TaskConfig config() {
    return task.config();
  }

  /** How many solved examples stand before each document. */
  public int numFewshot() {
    return numFewshot;
  }

  /** How many documents the split has. */
  public int documents() {
    return documents;
  }

  /** How many of them are run. */
  public int limited() {
    return options.limited(documents);
  }

  /** Tells its documents from others. */
  public String describeData() throws IOException {
    return source.description();
  }

  /** Tells the documents that its examples are of from others; null where it reads none. */
  public String describeExamples() throws IOException {
    return examples == null ? null : examples.description();
  }

  /** The documents to be run, from the first on; the same each time. */
  public Items items() {
    return new Items(this);
  }

  @Override
  public void close() throws IOException {
    if (pool != null) {
      pool.close();
    }
  }

  /** Goes through the documents. */
  public static final class Items implements AutoCloseable {
    private final TaskData data;
    private final Prepared prepared;
    private final Shots shots;
    private int next;

    private Items(TaskData data) {
      this.data = data;
      prepared = new Prepared(data.config(), data.config().preparation(), data.source);
      shots = new Shots(data.config(), data.numFewshot, data.pool, data.options.fewshotSeed());
    }

    /**
     * The next document; null behind the last.
     *
     * @throws InputException if the task cannot be asked of it
     */
    public Item next() throws IOException {
      if (next == data.limited()) {
        return null;
      }
      Map<String, Object> document = prepared.next();
      List<Map<String, Object>> examples = shots.next(document);
      Question question = data.task.question(document, examples, "document " + next);
      return new Item(next++, question);
    }

    @Override
    public void close() throws IOException {
      prepared.close();
    }
  }

  /** The documents of a split that a task does not leave out. */
  private static final class Prepared implements AutoCloseable {
    private final Task task;
    private final Preparation preparation;
    private final DocumentReader reader;
    private int read;

    Prepared(TaskConfig config, Preparation preparation, Documents source) {
      task = new Task(config);
      this.preparation = preparation;
      reader = source.open();
    }

    Map<String, Object> next() throws IOException {
      while (true) {
        Map<String, Object> document = reader.next();
        if (document == null) {
          return null;
        }
        Map<String, Object> prepared =
            task.prepare(preparation, document, "document %d of the data".formatted(read++));
        if (prepared != null) {
          return prepared;
        }
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
