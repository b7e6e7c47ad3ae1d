package aviary.cli;

import aviary.cli.ModelOptions.OpenModel;
import aviary.mqar.MqarScore;
import aviary.mqar.MqarTask;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import tools.jackson.core.JsonGenerator;

/** {@code aviary mqar eval}. */
@Command(
    name = "eval",
    description = {
      "Asks a model freshly made examples, and prints how many it answers right.",
      "Without --model it asks the model that aviary comes with."
    },
    footer = {"", "Example:", "  aviary mqar eval --model mqar/model.safetensors --device cpu"})
final class MqarEval implements Callable<Integer> {
  @ParentCommand private Mqar mqar;

  @Mixin private ModelOptions modelOptions;

  @Mixin private MqarOptions options;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "3000",
      description = "How many examples (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Examples that run side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + MqarTask.EVAL_SEED,
      description =
          "Which of all examples; those of the default are trained on by nobody (default:"
              + " ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    MqarTask task = options.task();
    Main main = mqar.main();
    try (OpenModel model = modelOptions.openOr(ShippedModel.MQAR)) {
      MqarScore.require(model.engine().config().vocabulary(), task, examples, batch);
      model.announce(main.err());
      run(main, model, task);
    }
    return 0;
  }

  private void run(Main main, OpenModel model, MqarTask task) {
    try (EvalProgress progress = new EvalProgress(main.err(), examples, "examples")) {
      MqarScore score =
          MqarScore.of(
              model.engine(),
              task,
              seed,
              examples,
              batch,
              (done, tokens) -> {
                progress.documents("mqar", done, 0, examples);
                progress.tokens(tokens);
              });
      if (json) {
        Json.printObject(main.out(), object -> write(object, model, task, score));
      } else {
        main.out().println(text(task, score));
      }
      progress.end(score.examples() * task.length());
    }
  }

  private static String text(MqarTask task, MqarScore score) {
    return String.format(
        Locale.ROOT,
        "accuracy %.4f ± %.4f: %d of %d queries right, in %d examples with %d pairs in %d tokens",
        score.accuracy(),
        score.standardError(),
        score.right(),
        score.queries(),
        score.examples(),
        task.pairs(),
        task.length());
  }

  private void write(JsonGenerator object, OpenModel model, MqarTask task, MqarScore score) {
    object.writeStringProperty("model", model.name());
    object.writeStringProperty("device", model.engine().device());
    object.writeNumberProperty("vocab_size", task.vocabulary());
    object.writeNumberProperty("length", task.length());
    object.writeNumberProperty("pairs", task.pairs());
    object.writeBooleanProperty("random_non_queries", task.randomNonQueries());
    object.writeNumberProperty("seed", seed);
    object.writeNumberProperty("examples", score.examples());
    object.writeNumberProperty("queries", score.queries());
    object.writeNumberProperty("right", score.right());
    object.writeNumberProperty("accuracy", score.accuracy());
    object.writeNumberProperty("standard_error", score.standardError());
  }
}
