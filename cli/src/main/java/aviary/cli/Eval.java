package aviary.cli;

import aviary.InputException;
import aviary.cli.ModelOptions.OpenModel;
import aviary.evaluation.EvaluationRun;
import aviary.evaluation.data.DataFolder;
import aviary.evaluation.output.Results;
import aviary.evaluation.output.RunFolder;
import aviary.evaluation.output.RunInfo;
import aviary.evaluation.output.TaskList;
import aviary.evaluation.scoring.Scorer;
import aviary.evaluation.task.Selection;
import aviary.evaluation.task.TaskLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
      "aviary eval [OPTIONS] --model PATH --tasks NAMES --data DIR",
      "       aviary eval --tasks list",
    },
    description = {
      "Runs language benchmarks, counted as EleutherAI's lm-evaluation-harness counts them.",
      "Its table goes to stdout, and with --output its files into a folder. Nothing is downloaded:"
          + " data sets are Parquet or JSON Lines files as the hub has them."
    },
    footer = {
      "",
      "Example:",
      "  aviary eval --model model.safetensors --tasks lambada_openai,xcopa --data DIR"
    })
final class Eval implements Callable<Integer> {
  private static final String LIST = "list";

  @ParentCommand private Main main;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--tasks",
      required = true,
      split = ",",
      paramLabel = "NAMES",
      hideParamSyntax = true,
      description =
          "Tasks, groups and tags, with commas between them; * stands for anything. 'list' shows"
              + " what there is.")
  private List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The folder with the data sets, or the hub's cache.")
  private Path data;

  @Option(
      names = "--include",
      paramLabel = "PATH",
      description = "Your own task files: a YAML file, or a folder of them.")
  private List<Path> includes = List.of();

  @Mixin private EvalOptions options;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Keep answers there as they come, and write results_DATE.json at the end, in a folder"
              + " named as the model.")
  private Path output;

  @Option(
      names = "--log-samples",
      description = "Also write samples_TASK_DATE.jsonl: each document with its answers.")
  private boolean logSamples;

  @Option(
      names = "--resume",
      description = "Go on with the run that was cut off in --output, if there is one.")
  private boolean resume;

  @Option(names = "--json", description = "Print the result file in place of the table.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    TaskLibrary library = TaskLibrary.read(includes);
    if (tasks.equals(List.of(LIST))) {
      main.out().print(TaskList.of(library));
      return 0;
    }
    Selection selection = library.select(tasks);
    checkOptions();
    try (EvaluationRun run =
            new EvaluationRun(selection, new DataFolder(data), options.runOptions());
        OpenModel model = modelOptions.open()) {
      print(run(run, model));
    }
    return 0;
  }

  private void checkOptions() {
    if (data == null) {
      throw new InputException("--data is missing: name the folder that holds the data sets");
    }
    if (output == null && (logSamples || resume)) {
      throw new InputException(
          "%s: --output is missing: name the folder for the files"
              .formatted(logSamples ? "--log-samples" : "--resume"));
    }
  }

  private Results run(EvaluationRun run, OpenModel model)
      throws IOException, ExecutionException, InterruptedException {
    RunInfo info = options.runInfo(model);
    RunFolder folder =
        output == null
            ? null
            : RunFolder.open(output, model.name(), run.identity(info.identity()), resume);
    try (EvalProgress progress = new EvalProgress(main.err(), run.documents());
        Scorer scorer =
            new Scorer(
                model.engine(), model.awaitTokenizer(), options.scoring(), progress::tokens)) {
      Results results =
          folder == null
              ? run.run(scorer, progress)
              : run.run(scorer, progress, folder, logSamples);
      info.addTo(results);
      if (folder != null) {
        folder.finish(results.fields());
      }
      progress.end(scorer.tokens());
      return results;
    }
  }

  private void print(Results results) {
    main.out().print(json ? results.json() : results.tables());
  }
}
