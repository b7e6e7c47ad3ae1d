package aviary.cli;

import aviary.InputException;
import aviary.model.Checkpoint;
import aviary.model.Model;
import aviary.model.ModelFiles;
import aviary.tokenizer.ByteTokenizer;
import aviary.tokenizer.Tokenizer;
import aviary.training.Loss;
import aviary.training.Sequences;
import aviary.training.TextData;
import aviary.training.Trainer;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Tuned;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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

  /** The digits that are kept of a checksum: two files do not have as many alike by chance. */
  private static final int DIGITS = 12;

  @ParentCommand private Main main;

  @Mixin private TrainingSettings settings;

  @Mixin private VocabularyOptions vocabulary;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "Texts to learn from; they stand one behind the other.")
  private List<Path> files;

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
      required = true,
      paramLabel = "N",
      description = "Batches to learn from.")
  private long steps;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "The share of the text, at its end, that nothing is learned from and that the model is"
              + " measured on (default: ${DEFAULT-VALUE}).")
  private double heldOut;

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
    Saving saving = settings.saving();
    Chunks chunks = new Chunks(chunk == null ? 0 : chunk, exact);
    TrainingOptions options = settings.options(steps, chunks, tuned);
    byte[] text = text();
    try (Arena arena = Arena.ofShared()) {
      Checkpoint given = model == null ? null : Checkpoint.open(model, arena);
      Model initial = given == null ? null : ModelFiles.of(given);
      Tokenizer tokenizer = tokenizer(initial);
      if (initial == null) {
        // What a World model has: ids from 0 to the last.
        int size = tokens == Tokens.WORLD ? 65536 : tokenizer.size();
        initial = settings.initial(size, arena);
      }
      int[] ids = tokenizer.encode(text);
      TextData data = new TextData(ids, heldOut, count, length, settings.seed(), identity(text));
      String origin = given == null ? settings.origin() : identity(given.files());
      Map<String, String> told = Map.of("model", origin, "dtype", settings.type());
      try (Trainer trainer =
          new Trainer(initial, told, data, options, settings.output(), settings.resume())) {
        return run(trainer, saving, options, data, (double) text.length / ids.length);
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
    if (model != null) {
      settings.requireNoShape();
      TrainingSettings.refuse("--tokens", tokens);
    } else if (tuned == Tuned.TIME_STATE) {
      throw new InputException(
          "--train time_state needs --model: a state is of a model that is there");
    }
  }

  private int run(
      Trainer trainer, Saving saving, TrainingOptions options, TextData data, double bytesPerToken)
      throws IOException {
    if (!settings.run(main, trainer, saving, options)) {
      return Interrupt.EXIT_CODE;
    }
    settings.write(main, trainer, tuned);
    Sequences rest = data.heldOut(STREAMS);
    if (rest != null) {
      Loss loss = trainer.loss(rest, chunk == null ? length : chunk);
      main.out()
          .println(
              String.format(
                  Locale.ROOT,
                  "held out: %.4f bits per byte, accuracy %.4f, of %d tokens",
                  loss.bits() / bytesPerToken,
                  loss.accuracy(),
                  loss.labels()));
    } else if (heldOut > 0) {
      main.err().println("aviary: too little is held out to measure the model with");
    }
    return 0;
  }

  private Tokenizer tokenizer(Model initial) throws IOException {
    if (initial != null) {
      return vocabulary.of(model, initial.config().vocabulary());
    }
    return tokens == Tokens.WORLD ? vocabulary.withoutModel() : new ByteTokenizer();
  }

  private byte[] text() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : files) {
      if (Files.isDirectory(file)) {
        throw new InputException(file + ": is a folder; --data has to name files");
      }
      try {
        if (Files.copy(file, all) == 0) {
          throw new InputException(file + ": is empty; there is nothing to learn from");
        }
      } catch (NoSuchFileException e) {
        throw new InputException(file + ": there is no such file", e);
      }
    }
    return all.toByteArray();
  }

  /** Tells texts from others: the files' names, and what is in them. */
  private String identity(byte[] text) {
    String names =
        files.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", "));
    return named(names, sha256().digest(text));
  }

  /** Tells a model from others; its files may be larger than memory. */
  private String identity(List<Path> models) throws IOException {
    MessageDigest digest = sha256();
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      for (Path file : models) {
        Files.copy(file, out);
      }
    }
    return named(models.getFirst().getFileName().toString(), digest.digest());
  }

  private static String named(String files, byte[] digest) {
    return "%s (sha-256 %s)"
        .formatted(files, HexFormat.of().formatHex(digest).substring(0, DIGITS));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
