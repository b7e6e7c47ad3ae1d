package aviary.evaluation;

import aviary.InputException;
import aviary.Sha256;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.metric.TaskScores;
import aviary.evaluation.output.ChanceLevel;
import aviary.evaluation.output.Results;
import aviary.evaluation.output.RunFolder;
import aviary.evaluation.output.RunIdentity;
import aviary.evaluation.output.SampleLine;
import aviary.evaluation.run.Evaluation;
import aviary.evaluation.run.Evaluation.Samples;
import aviary.evaluation.run.Progress;
import aviary.evaluation.run.RunOptions;
import aviary.evaluation.run.StrayLabels;
import aviary.evaluation.run.TaskData;
import aviary.evaluation.run.TaskResult;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.task.Selection;
import aviary.evaluation.task.TaskConfig;
import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tasks with their data, ready to be run. First all answers are got, task after task; then scores
 * and samples are made of the answers, so that they are the same whether the run was cut off or
 * not.
 */
public final class EvaluationRun implements AutoCloseable {
  private final Selection selection;
  private final RunOptions options;
  private final List<TaskData> tasks = new ArrayList<>();
  private final List<String> labelNotices = new ArrayList<>();

  /**
   * Opens the data of all tasks, before a model has run for nothing.
   *
   * @param data null where no task needs it
   * @throws InputException if something is missing; of data sets all that are
   */
  public EvaluationRun(Selection selection, DataFolder data, RunOptions options)
      throws IOException {
    this.selection = selection;
    this.options = options;
    if (data != null) {
      data.requireAll(
          selection.tasks().stream()
              .flatMap(task -> TaskData.reads(task, options).stream())
              .toList());
    }
    try {
      for (TaskConfig task : selection.tasks()) {
        tasks.add(TaskData.open(task, data, options));
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /**
   * What the answers and scores depend on. All bytes of the data are read for it.
   *
   * @param model by name: what is known of the model and of how it runs
   */
  public RunIdentity identity(Map<String, Object> model) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>(model);
    values.put("limit", options.limit());
    values.put("window", (long) options.window());
    values.put("fewshot seed", options.fewshotSeed());
    values.put("number of bootstrap iterations", (long) options.bootstrapIterations());
    values.put("list of tasks", String.join(", ", names()));
    for (TaskData task : tasks) {
      String name = task.config().name();
      values.put("version of task " + name, task.config().version());
      values.put(
          "task file of " + name,
          Sha256.of(task.config().fields().toString()) + " " + task.numFewshot() + " shots");
      values.put("data of task " + name, task.describeData());
      values.put("data of examples of task " + name, task.describeExamples());
    }
    return new RunIdentity(values);
  }

  private List<String> names() {
    return tasks.stream().map(task -> task.config().name()).toList();
  }

  /** What a person has to know of the examples before the run: a line, or nothing. */
  public Optional<String> exampleNotice() {
    List<String> names =
        tasks.stream()
            .filter(task -> task.numFewshot() > 0 && task.config().mayShowItsAnswer())
            .map(task -> task.config().name())
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("task %s: examples are drawn from the documents that are evaluated, so a document may"
                    + " be shown its own answer, as in lm-evaluation-harness; a training_split or"
                    + " another fewshot_split avoids it")
                .formatted(String.join(", ", names)));
  }

  /** What a person has to know of the labels after the run: a line for each task concerned. */
  public List<String> labelNotices() {
    return List.copyOf(labelNotices);
  }

  /** How many documents there are to be run. */
  public long documents() {
    return tasks.stream().mapToLong(TaskData::limited).sum();
  }

  /**
   * Runs all tasks, keeping nothing but the scores.
   *
   * @throws InputException if a document cannot be asked about
   */
  public Results run(Scorer scorer, Progress progress) throws IOException {
    Path answers = Files.createTempFile("aviary-answers", ".jsonl");
    answers.toFile().deleteOnExit();
    try {
      List<TaskResult> results = new ArrayList<>();
      Map<String, Object> chances = new LinkedHashMap<>();
      Counts before = new Counts(0, 0);
      for (TaskData task : tasks) {
        Evaluation.forget(answers);
        before = answer(task, scorer, answers, before, progress);
        Evaluation evaluation = new Evaluation(scorer, options);
        TaskScores scores = score(evaluation, task, answers, chances, Samples.NONE);
        results.add(result(task, scores, null));
      }
      Results laidOut = Results.of(selection, results);
      laidOut.put(Results.CHANCE, chances);
      return laidOut;
    } finally {
      Evaluation.forget(answers);
    }
  }

  /**
   * Runs all tasks, or goes on with a run.
   *
   * @param folder takes the answers as they come, and the samples
   * @param logSamples whether to write a file of samples for each task
   */
  public Results run(Scorer scorer, Progress progress, RunFolder folder, boolean logSamples)
      throws IOException {
    Counts before = new Counts(0, 0);
    for (TaskData task : tasks) {
      before = answer(task, scorer, folder.answers(task.config().name()), before, progress);
    }
    Evaluation evaluation = new Evaluation(scorer, options);
    List<TaskResult> results = new ArrayList<>();
    Map<String, Object> hashes = new LinkedHashMap<>();
    Map<String, Object> chances = new LinkedHashMap<>();
    for (TaskData task : tasks) {
      Path answers = folder.answers(task.config().name());
      if (!logSamples) {
        TaskScores scores = score(evaluation, task, answers, chances, Samples.NONE);
        results.add(result(task, scores, null));
        continue;
      }
      TaskResult result = withSamples(task, evaluation, answers, folder, chances);
      hashes.put(task.config().name(), result.hash());
      results.add(result);
    }
    Results laidOut = Results.of(selection, results);
    laidOut.put("task_hashes", hashes);
    laidOut.put(Results.CHANCE, chances);
    return laidOut;
  }

  /**
   * Gets the answers about a task's documents.
   *
   * @param before how many documents the tasks before have, and how many of these were kept
   * @return the same with this task
   */
  private Counts answer(
      TaskData task, Scorer scorer, Path answers, Counts before, Progress progress)
      throws IOException {
    long total = documents();
    int kept =
        new Evaluation(scorer, options)
            .answer(
                task,
                answers,
                (done, itsKept) ->
                    progress.documents(
                        task.config().name(), before.done + done, before.kept + itsKept, total));
    return new Counts(before.done + task.limited(), before.kept + kept);
  }

  private record Counts(long done, long kept) {}

  /**
   * Scores a task's answers.
   *
   * @param chances takes the accuracy of guessing, where there are choices
   */
  private TaskScores score(
      Evaluation evaluation,
      TaskData task,
      Path answers,
      Map<String, Object> chances,
      Samples samples)
      throws IOException {
    StrayLabels strays = new StrayLabels();
    ChanceLevel chance =
        new ChanceLevel((item, responses, its) -> {
          strays.count(item);
          samples.add(item, responses, its);
        });
    TaskScores scores = evaluation.score(task, answers, chance);
    strays.notice(task.config().name(), scores.size()).ifPresent(labelNotices::add);
    chance.level().ifPresent(level -> chances.put(task.config().name(), level));
    return scores;
  }

  private TaskResult withSamples(
      TaskData task,
      Evaluation evaluation,
      Path answers,
      RunFolder folder,
      Map<String, Object> chances)
      throws IOException {
    MessageDigest hash = Sha256.digest();
    TaskScores[] scores = new TaskScores[1];
    WholeFile.write(
        folder.samples(task.config().name()),
        out ->
            scores[0] =
                score(
                    evaluation,
                    task,
                    answers,
                    chances,
                    (item, responses, its) -> {
                      SampleLine line = SampleLine.of(item, responses, its);
                      hash.update(line.hashes().getBytes(StandardCharsets.UTF_8));
                      out.write(ByteBuffer.wrap(line.json().getBytes(StandardCharsets.UTF_8)));
                    }));
    return result(task, scores[0], Sha256.digits(hash));
  }

  private TaskResult result(TaskData task, TaskScores scores, String hash) {
    return new TaskResult(
        task.config(),
        task.numFewshot(),
        task.documents(),
        scores.size(),
        scores.scores(options.bootstrapIterations()),
        hash);
  }

  @Override
  public void close() throws IOException {
    for (TaskData task : tasks) {
      task.close();
    }
  }
}
