package aviary.cli;

import aviary.cli.ModelOptions.OpenModel;
import aviary.evaluation.output.RunInfo;
import aviary.evaluation.run.RunOptions;
import aviary.evaluation.scoring.ScoringOptions;
import aviary.evaluation.task.Shots;
import java.io.IOException;
import picocli.CommandLine.Option;

/** How tasks are run. */
final class EvalOptions {

  /** So many batches of documents are laid out together. */
  private static final int WINDOW = 4;

  @Option(
      names = "--num-fewshot",
      paramLabel = "K",
      description = "Put K solved examples before each document; without it as the task says.")
  private Integer numFewshot;

  @Option(
      names = "--seed",
      defaultValue = "" + Shots.SEED,
      paramLabel = "N",
      description = "Where the choice of examples starts (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Run the first N documents of each task, or below 1 this part of them.")
  private Double limit;

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      paramLabel = "N",
      description = "How many texts run side by side (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--max-length",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Show the model no more than N tokens, as a transformer's window does; 0 for no limit.")
  private int maxLength;

  @Option(
      names = "--no-fork",
      description = {
        "Run every text from its beginning, though others begin alike.",
        "--no-fork --batch-size 1 is the plain way: one text after the other, each by itself."
      })
  private boolean noFork;

  @Option(
      names = "--bootstrap-iters",
      defaultValue = "" + RunOptions.BOOTSTRAP_ITERATIONS,
      paramLabel = "N",
      description =
          "Draws of the standard errors that are drawn (default: ${DEFAULT-VALUE}); 0 for no"
              + " standard errors.")
  private int bootstrapIterations;

  ScoringOptions scoring() {
    return new ScoringOptions(batchSize, !noFork, maxLength);
  }

  RunOptions runOptions() {
    return new RunOptions(
        numFewshot, seed, limit, bootstrapIterations, WINDOW * scoring().batchSize());
  }

  /** What a result file says of the run. */
  RunInfo runInfo(OpenModel model) throws IOException {
    return RunInfo.of(
        model.name(),
        model.model(),
        model.engine().device(),
        runOptions(),
        scoring(),
        new Version().getVersion()[0]);
  }
}
