package aviary.cli;

import aviary.cli.ModelOptions.OpenModel;
import aviary.generation.Generation;
import aviary.generation.GenerationOptions;
import aviary.generation.Generator;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.generation.Snapshot;
import aviary.generation.StopReason;
import aviary.text.TextInput;
import aviary.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.core.JsonGenerator;

/** {@code aviary generate}. */
@Command(
    name = "generate",
    sortOptions = false,
    customSynopsis = "aviary generate [OPTIONS] [--model PATH] [PROMPT]",
    description = {
      "Lets a model continue a text; without --model one that aviary comes with, which has read the"
          + " King James Bible.",
      "The text goes to stdout as it comes; tokens per second of the prompt (prefill) and of the"
          + " text (decode) go to stderr at the end. Without a prompt, stdin is the prompt if it is"
          + " not a terminal. Every byte of a prompt counts, also a line's end at its end."
    },
    footer = {
      "",
      "Example:",
      "  aviary generate --model model.safetensors --max-tokens 100 \"Once upon a time\""
    })
final class Generate implements Callable<Integer> {
  @ParentCommand private Main main;

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private Prompt prompt = new Prompt();

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description =
          "End after this many tokens (default: ${DEFAULT-VALUE}); 0 only runs the prompt.")
  private int maxTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End where this text comes, which is not printed; may be given several times.")
  private List<String> stops = List.of();

  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--state-in",
      paramLabel = "FILE",
      description =
          "Go on from this state: one that --state-out saved, one of 'aviary logits', or a tuned"
              + " initial state (time_state).")
  private Path stateIn;

  @Option(
      names = "--state-out",
      paramLabel = "FILE",
      converter = OutputFile.class,
      description =
          "Save the state after the text. --state-in and an empty prompt go on exactly there, with"
              + " penalties and random numbers anew.")
  private Path stateOut;

  @Option(
      names = "--json",
      description = "Print one JSON object at the end in place of the text as it comes.")
  private boolean json;

  /** Where the prompt comes from. */
  private static final class Prompt {
    @Parameters(index = "0", paramLabel = "PROMPT", description = "The text to continue.")
    private String positional;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The same as PROMPT.")
    private String text;

    @Option(
        names = "--prompt-file",
        paramLabel = "FILE",
        converter = InputFile.class,
        description =
            "The text to continue is in this file: UTF-8; a byte order mark is no part of it.")
    private Path file;

    int[] encode(Main main, Tokenizer tokenizer) throws IOException {
      if (positional != null || text != null) {
        return tokenizer.encode(positional != null ? positional : text);
      }
      if (file != null) {
        return tokenizer.encode(TextInput.read(file));
      }
      return tokenizer.encode(main.isTyped() ? new byte[0] : TextInput.read("stdin", main.in()));
    }
  }

  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    GenerationOptions options = new GenerationOptions(maxTokens, stops);
    SamplerOptions chosen = sampling.options();
    try (OpenModel model = modelOptions.openOr(ShippedModel.STORY)) {
      Tokenizer tokenizer = model.awaitTokenizer();
      int[] tokens = prompt.encode(main, tokenizer);
      try (Generator generator = new Generator(model.engine(), tokenizer)) {
        if (stateIn != null) {
          generator.restore(Snapshot.load(stateIn, model.engine().config()));
        }
        model.announce(main.err());
        StringBuilder text = new StringBuilder();
        Generation generation;
        try (Interrupt interrupt = new Interrupt()) {
          generation =
              generator.generate(
                  tokens,
                  options,
                  new Sampler(chosen),
                  piece -> give(piece, text),
                  () -> interrupt.asked() || main.out().checkError());
        }
        return finish(model, generator, tokens, generation, text, chosen.seed());
      }
    }
  }

  private void give(String piece, StringBuilder text) {
    text.append(piece);
    if (!json) {
      main.out().print(piece);
      main.out().flush();
    }
  }

  private int finish(
      OpenModel model,
      Generator generator,
      int[] tokens,
      Generation generation,
      CharSequence text,
      long seed)
      throws IOException {
    if (json) {
      Json.printObject(main.out(), object -> write(object, model, generation, text, seed));
    } else if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
      // Not on stdout, whose bytes are the text's; a terminal shows both.
      main.err().println();
    }
    if (main.out().checkError()) {
      return Failure.FAILED; // Of which the user is told at the end.
    }
    boolean prefilled = generation.promptTokens() >= tokens.length;
    if (stateOut != null && prefilled) {
      OutputFile.Earlier earlier = OutputFile.earlier(stateOut);
      generator.snapshot().save(stateOut);
      // A state that is moved on from is meant to be replaced.
      if (!stateOut.equals(stateIn)) {
        earlier.tellReplaced(main.err());
      }
    }
    main.err().println(figures(generation, seed));
    if (stateOut != null && !prefilled) {
      main.err().println(stateOut + " is not written: the prompt was interrupted");
    }
    return generation.reason() == StopReason.INTERRUPTED ? Interrupt.EXIT_CODE : 0;
  }

  private static String figures(Generation generation, long seed) {
    return String.format(
        Locale.ROOT,
        "prefill: %d tokens, %.1f tokens/s; decode: %d tokens, %.1f tokens/s; %s; seed %d",
        generation.promptTokens(),
        generation.prefillRate(),
        generation.tokens().length,
        generation.decodeRate(),
        name(generation.reason()),
        seed);
  }

  private static void write(
      JsonGenerator json, OpenModel model, Generation generation, CharSequence text, long seed) {
    json.writeStringProperty("model", model.name());
    json.writeStringProperty("device", model.engine().device());
    json.writeNumberProperty("seed", seed);
    json.writeStringProperty("text", text.toString());
    json.writeName("tokens");
    json.writeArray(generation.tokens(), 0, generation.tokens().length);
    json.writeStringProperty("stop_reason", name(generation.reason()));
    json.writeNumberProperty("prompt_tokens", generation.promptTokens());
    json.writeNumberProperty("generated_tokens", generation.tokens().length);
    json.writeNumberProperty("prefill_seconds", generation.prefillSeconds());
    json.writeNumberProperty("decode_seconds", generation.decodeSeconds());
    json.writeNumberProperty("prefill_tokens_per_second", generation.prefillRate());
    json.writeNumberProperty("decode_tokens_per_second", generation.decodeRate());
  }

  private static String name(StopReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
