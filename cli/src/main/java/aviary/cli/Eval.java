package aviary.cli;

import aviary.InputException;
import aviary.cli.ModelOptions.OpenModel;
import aviary.evaluation.EvaluationRun;
import aviary.evaluation.compare.Comparison;
import aviary.evaluation.compare.Report;
import aviary.evaluation.compare.RunFiles;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.output.Results;
import aviary.evaluation.output.RunFolder;
import aviary.evaluation.output.RunInfo;
import aviary.evaluation.output.TaskList;
import aviary.evaluation.position.LossByPosition;
import aviary.evaluation.run.RunOptions;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.task.Inventory;
import aviary.evaluation.task.Selection;
import aviary.evaluation.task.TaskLibrary;
import aviary.evaluation.text.TextFile;
import aviary.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary eval}. */
@Command(
    name = "eval",
    sortOptions = false,
    customSynopsis = {
      "aviary eval [OPTIONS] [--model PATH] [--tasks NAMES] [--data DIR]",
      "       aviary eval [OPTIONS] [--model PATH] --tasks loss-by-position --data FILE",
      "       aviary eval --tasks list",
      "       aviary eval --compare A B [--report FILE]",
    },
    description = {
      "Runs language benchmarks, counted as EleutherAI's lm-evaluation-harness counts them.",
      "Its table goes to stdout, and with --output its files into a folder. Nothing is downloaded:"
          + " data sets are Parquet, JSON, CSV or text files as the hub has them."
    },
    footer = {
      "",
      "Example:",
      "  aviary eval --model model.safetensors --tasks lambada_openai,xcopa --data DIR"
    })
final class Eval implements Callable<Integer> {
  private static final String LIST = "list";
  private static final String LIST_REFUSED = "list-refused";
  private static final String LOSS_BY_POSITION = "loss-by-position";

  /** What runs with nothing beside aviary itself, and so if nothing is asked for. */
  private static final String USUAL = "mqar";

  @ParentCommand private Main main;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "NAMES",
      hideParamSyntax = true,
      description = {
        "Tasks, groups and tags, with commas between them; * stands for anything. 'list' shows"
            + " what there is, 'list-refused' why some of --include cannot run here.",
        "loss-by-position tells how the loss falls in the texts of a file: a table, and with"
            + " --report a plot.",
        "mqar, recall in sequences made as it runs, needs no data, and is what runs if nothing is"
            + " named.",
        "Without --model all of them run on a small model that aviary comes with."
      })
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The folder with the data sets, or the hub's cache. For loss-by-position a file: a text,"
              + " or Parquet or JSON Lines with a column 'text'.")
  private Path data;

  @Option(
      names = "--include",
      paramLabel = "PATH",
      description =
          "Your own task files: a YAML file, or a folder of them. A task in it replaces one of the"
              + " same name.")
  private List<Path> includes = List.of();

  @Mixin private EvalOptions options;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Keep answers there as they come, and write results_DATE.json at the end, in a folder"
              + " named as the model. One that has an unfinished run needs --resume.")
  private Path output;

  @Option(
      names = "--log-samples",
      description = "Also write samples_TASK_DATE.jsonl: each document with its answers.")
  private boolean logSamples;

  @Option(
      names = "--resume",
      description =
          "Go on with the run that was cut off in --output, if there is one. Model, data, tasks and"
              + " options have to be the same.")
  private boolean resume;

  @Option(names = "--json", description = "Print the result file in place of the table.")
  private boolean json;

  @Option(
      names = "--compare",
      arity = "2",
      hideParamSyntax = true,
      paramLabel = "A B",
      description =
          "Put two runs side by side, in place of running one: result files or folders, also of"
              + " lm-evaluation-harness.")
  private List<Path> compared = List.of();

  @Option(
      names = "--report",
      paramLabel = "FILE",
      converter = OutputFile.class,
      description =
          "Write an HTML page with plots, and with --compare the documents where the runs differ."
              + " The only way to the plot of loss-by-position.")
  private Path report;

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    if (!compared.isEmpty()) {
      compare();
    } else if (tasks.equals(List.of(LIST)) || tasks.equals(List.of(LIST_REFUSED))) {
      list();
    } else if (tasks.equals(List.of(LOSS_BY_POSITION))) {
      lossByPosition();
    } else {
      runTasks();
    }
    return 0;
  }

  /** Writes the page of {@code --report}, if there is to be one. */
  private void report(Page page) throws IOException {
    if (report != null) {
      OutputFile.Earlier earlier = OutputFile.earlier(report);
      page.write(report);
      earlier.tellReplaced(main.err());
    }
  }

  private interface Page {
    void write(Path file) throws IOException;
  }

  private void list() throws IOException {
    TaskLibrary library = TaskLibrary.read(includes);
    Inventory inventory = library.inventory();
    boolean refused = tasks.equals(List.of(LIST_REFUSED));
    main.out().print(refused ? TaskList.refused(inventory) : TaskList.of(inventory));
    library.doubled().forEach(line -> main.err().println("aviary: " + line));
    if (!includes.isEmpty()) {
      main.err().println("aviary: " + TaskList.summary(inventory));
    }
  }

  private void compare() throws IOException {
    List<RunFiles> runs = new ArrayList<>();
    for (Path path : compared) {
      runs.add(RunFiles.read(path));
    }
    main.out().print(new Comparison(runs.get(0), runs.get(1)).table());
    report(new Report(runs)::write);
  }

  private void lossByPosition() throws IOException, ExecutionException, InterruptedException {
    if (data == null) {
      throw new InputException("--data is missing: name the file with the texts");
    }
    Path texts = new InputFile().convert(data.toString());
    RunOptions run = options.runOptions();
    int maxLength = options.scoring().maxLength();
    try (TextFile file = LossByPosition.open(texts);
        OpenModel model = modelOptions.openOr(ShippedModel.STORY)) {
      Tokenizer tokenizer = model.awaitTokenizer();
      model.announce(main.err());
      lossByPosition(file, run.limit(), maxLength, model, tokenizer);
    }
  }

  private void lossByPosition(
      TextFile texts, Double limit, int maxLength, OpenModel model, Tokenizer tokenizer)
      throws IOException {
    try (EvalProgress progress = new EvalProgress(main.err(), -1, "documents")) {
      LossByPosition losses = new LossByPosition(model.engine(), tokenizer, progress::tokens);
      losses.run(texts, limit, maxLength);
      main.out().print(json ? losses.json(model.name()) : losses.table());
      report(file -> losses.report(model.name(), file));
      progress.documents(LOSS_BY_POSITION, losses.texts(), 0, losses.texts());
      progress.end(losses.tokens());
    }
  }

  private void runTasks() throws IOException, ExecutionException, InterruptedException {
    if (tasks.isEmpty() && data != null) {
      throw new InputException(
          "--tasks is missing: name what to run (see: aviary eval --tasks list)");
    }
    for (String alone : List.of(LIST, LIST_REFUSED, LOSS_BY_POSITION)) {
      if (tasks.contains(alone)) {
        throw new InputException(
            "--tasks %s: it has no documents as tasks have; name it alone".formatted(alone));
      }
    }
    List<String> names = tasks.isEmpty() ? List.of(USUAL) : tasks;
    TaskLibrary library = TaskLibrary.read(includes);
    Selection selection = library.select(names);
    checkOptions(selection);
    library.doubled().forEach(line -> main.err().println("aviary: " + line));
    if (!library.replaced().isEmpty()) {
      main.err()
          .println(
              "aviary: --include has its own %s, which replaces what is built in"
                  .formatted(String.join(", ", library.replaced())));
    }
    DataFolder folder = selection.readsData() ? new DataFolder(data) : null;
    try (EvaluationRun run = new EvaluationRun(selection, folder, options.runOptions());
        OpenModel model = open(selection)) {
      Tokenizer tokenizer = selection.readsTexts() ? model.awaitTokenizer() : null;
      Done done = run(run, model, tokenizer);
      run.labelNotices().forEach(this::notice);
      print(done);
      report(new Report(List.of(done.files(model.name())))::write);
    }
  }

  private void notice(String line) {
    main.err().println("aviary: " + line);
  }

  /** Of the models that aviary comes with one reads texts, and one has learned a task without. */
  private OpenModel open(Selection selection) throws IOException {
    return modelOptions.openOr(selection.readsTexts() ? ShippedModel.STORY : ShippedModel.MQAR);
  }

  private void checkOptions(Selection selection) {
    if (data == null && selection.readsData()) {
      throw new InputException("--data is missing: name the folder that holds the data sets");
    }
    if (output == null && (logSamples || resume)) {
      throw new InputException(
          "%s: --output is missing: name the folder for the files"
              .formatted(logSamples ? "--log-samples" : "--resume"));
    }
  }

  /**
   * What came of a run.
   *
   * @param file where it was written; null for nowhere
   */
  private record Done(Results results, Path file) {
    /** As files; a run that wrote none has no samples. */
    RunFiles files(String model) throws IOException {
      return file == null ? new RunFiles(model, results.fields(), Map.of()) : RunFiles.read(file);
    }
  }

  private void print(Done done) {
    if (json) {
      main.out().print(done.results().json());
      return;
    }
    main.out().println(done.results().heading());
    main.out().println();
    main.out().print(done.results().tables());
    if (done.file() != null) {
      main.out().println();
      main.out().println("files: " + done.file() + (logSamples ? ", samples beside it" : ""));
    }
  }

  private Done run(EvaluationRun run, OpenModel model, Tokenizer tokenizer) throws IOException {
    RunInfo info = options.runInfo(model);
    RunFolder folder =
        output == null
            ? null
            : RunFolder.open(output, model.name(), run.identity(info.identity()), resume);
    model.announce(main.err());
    run.exampleNotice().ifPresent(this::notice);
    try (EvalProgress progress = new EvalProgress(main.err(), run.documents(), "documents");
        Scorer scorer =
            new Scorer(model.engine(), tokenizer, options.scoring(), progress::tokens)) {
      Results results =
          folder == null
              ? run.run(scorer, progress)
              : run.run(scorer, progress, folder, logSamples);
      info.addTo(results);
      Path file = folder == null ? null : folder.finish(results.fields());
      progress.end(scorer.tokens());
      return new Done(results, file);
    }
  }
}
