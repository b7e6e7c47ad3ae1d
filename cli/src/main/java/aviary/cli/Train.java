package aviary.cli;

import aviary.InputException;
import aviary.model.Checkpoint;
import aviary.model.Model;
import aviary.model.ModelFiles;
import aviary.tokenizer.ByteTokenizer;
import aviary.tokenizer.Tokenizer;
import aviary.training.Loss;
import aviary.training.Observation;
import aviary.training.Sequences;
import aviary.training.TextData;
import aviary.training.Trainer;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code aviary train}: trains a model on texts. */
@Command(
    name = "train",
    description = {
      "Trains a model on texts, on the cores of this machine: a new one, byte by byte or in World"
          + " tokens, or one that is there.",
      "In the output folder it leaves model.safetensors, a checkpoint, metrics.jsonl with a line a"
          + " step, and plots. A training that was interrupted goes on with --resume, and ends with"
          + " the same model as if nothing had happened."
    },
    footer = {
      "",
      "Example:",
      "  aviary train --data book.txt --layers 4 --width 256 --steps 2000 --output book"
    })
final class Train implements Callable<Integer> {

  /** Streams of the held-out text that are walked side by side. */
  private static final int STREAMS = 16;

  @ParentCommand private Main main;

  @Mixin private TrainingSettings settings;

  @Mixin private VocabularyOptions vocabulary;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "What to learn from: plain UTF-8 text, JSON Lines (also .gz) or Parquet, told apart by"
            + " content.",
        "Plain files are one text, each file going on where the one before ends. After each"
            + " document of the others comes the end-of-text token, 0."
      })
  private List<Path> files;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description =
          "The field of JSON Lines, or the column of Parquet, that has the text (default: text).")
  private String field;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "Go on from this model, in its tokens, instead of a new one.")
  private Path model;

  @Option(
      names = "--tokens",
      paramLabel = "KIND",
      description = "What a new model reads: bytes or world (default: bytes).")
  private Tokens tokens;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens in a sequence (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Sequences in a batch (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--chunk",
      paramLabel = "N",
      description =
          "Walk sequences in chunks of so many tokens: the states go on from one to the next, and"
              + " gradients end there (default: whole sequences).")
  private Integer chunk;

  @Option(
      names = "--exact",
      description =
          "With --chunk: gradients go back from chunk to chunk too, and are those of whole"
              + " sequences; it takes one more walk forwards.")
  private boolean exact;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Batches to learn from; may be left out where --minutes ends the training.")
  private Long steps;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "The share of the text, at its end, that nothing is learned from and that the model is"
              + " measured on (default: ${DEFAULT-VALUE}).")
  private double heldOut;

  @Option(
      names = "--eval-tokens",
      paramLabel = "N",
      defaultValue = "32768",
      description =
          "How many tokens of that --eval-every measures, the end of the training all (default:"
              + " ${DEFAULT-VALUE}).")
  private int evalTokens;

  @Mixin private TrainingSamples samples;

  @Option(
      names = "--train",
      paramLabel = "WHAT",
      defaultValue = "weights",
      description =
          "weights, or time_state: only the state that sequences begin with; try a --lr from 1 to"
              + " 100 (default: ${DEFAULT-VALUE}).")
  private Tuned tuned;

  /** What a new model reads. */
  enum Tokens {
    BYTES,
    WORLD
  }

  @Override
  public Integer call() throws Exception {
    requireOptions();
    settings.saving(); // Refused, if it is to be, before texts are read.
    Chunks chunks = new Chunks(chunk == null ? 0 : chunk, exact);
    TrainingOptions options = settings.options(steps, chunks, tuned);
    try (Arena arena = Arena.ofShared()) {
      Checkpoint given = model == null ? null : Checkpoint.open(model, arena);
      Model initial = given == null ? null : ModelFiles.of(given);
      Tokenizer tokenizer = tokenizer(initial);
      if (initial == null) {
        // What a World model has: ids from 0 to the last.
        int size = tokens == Tokens.WORLD ? 65536 : tokenizer.size();
        initial = settings.initial(size, arena);
      }
      TrainingTexts.Encoded texts = TrainingTexts.read(files, field, tokenizer, main.err());
      TextData data =
          new TextData(texts.ids(), heldOut, count, length, settings.seed(), texts.identity());
      String origin = given == null ? settings.origin() : ContentName.ofModel(given.files());
      Map<String, String> told = Map.of("model", origin, "dtype", settings.type());
      try (Trainer trainer =
          new Trainer(initial, told, data, options, settings.output(), settings.resume())) {
        return run(
            trainer,
            options,
            data,
            stop -> observation(data, texts.bytesPerToken(), tokenizer, stop));
      }
    }
  }

  private void requireOptions() {
    if (length < 1) {
      throw new InputException("--length %d: it has to be 1 or more".formatted(length));
    }
    if (count < 1) {
      throw new InputException("--batch-size %d: it has to be 1 or more".formatted(count));
    }
    if (chunk != null && (chunk < 1 || chunk > length)) {
      throw new InputException(
          "--chunk %d: it has to be from 1 to --length, %d".formatted(chunk, length));
    }
    settings.requireType();
    samples.require();
    if (evalTokens < 1) {
      throw new InputException("--eval-tokens %d: it has to be 1 or more".formatted(evalTokens));
    }
    if (model != null) {
      settings.requireNoShape();
      TrainingSettings.refuse("--tokens", tokens);
    } else if (tuned == Tuned.TIME_STATE) {
      throw new InputException(
          "--train time_state needs --model: a state is of a model that is there");
    }
  }

  private Observation observation(
      TextData data, double bytesPerToken, Tokenizer tokenizer, BooleanSupplier stop) {
    return new Observation(
        settings.evalEvery(),
        data.heldOut(STREAMS, evalTokens),
        chunk(),
        bytesPerToken,
        samples.every(),
        samples.sampler(tokenizer, settings.threads(), settings.seed(), stop));
  }

  private int run(
      Trainer trainer,
      TrainingOptions options,
      TextData data,
      Function<BooleanSupplier, Observation> observation)
      throws IOException {
    if (!settings.run(main, trainer, options, observation)) {
      return Interrupt.EXIT_CODE;
    }
    Sequences rest = data.heldOut(STREAMS);
    if (rest != null) {
      Loss loss = trainer.loss(rest, chunk());
      main.out()
          .printf(
              Locale.ROOT,
              "held out: %s, of %d tokens%n",
              TrainingOutput.shown(observation.apply(() -> false), loss),
              loss.labels());
    } else if (heldOut > 0) {
      main.err().println("aviary: too little is held out to measure the model with");
    }
    return 0;
  }

  private int chunk() {
    return chunk == null ? length : chunk;
  }

  private Tokenizer tokenizer(Model initial) throws IOException {
    if (initial != null) {
      return vocabulary.of(model, initial.config().vocabulary());
    }
    return tokens == Tokens.WORLD ? vocabulary.withoutModel() : new ByteTokenizer();
  }
}
