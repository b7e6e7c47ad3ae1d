package aviary.cli;

import aviary.InputException;
import aviary.engine.Backends;
import aviary.engine.BlasChoice;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.generation.GenerationOptions;
import aviary.generation.Generator;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.model.Model;
import aviary.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The texts that a model writes during its training. */
final class TrainingSamples {
  private static final double TEMPERATURE = 1;
  private static final double TOP_P = 0.7;

  @Option(
      names = "--sample-every",
      paramLabel = "STEPS",
      defaultValue = "1000",
      description =
          "Let the model write a text each time this many steps are done; 0 for never (default:"
              + " ${DEFAULT-VALUE}).")
  private long every;

  @Option(
      names = "--sample-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "How many tokens such a text has (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--sample-prompt",
      paramLabel = "TEXT",
      description = "What such a text continues (default: a line's end).")
  private String prompt;

  long every() {
    return every;
  }

  void require() {
    if (tokens < 1) {
      throw new InputException("--sample-tokens %d: it has to be 1 or more".formatted(tokens));
    }
  }

  /**
   * Lets models write a text: the same one each time it is the same model.
   *
   * @param threads how many; 0 for one a core
   * @param stop asked before each token
   */
  Function<Model, String> sampler(
      Tokenizer tokenizer, int threads, long seed, BooleanSupplier stop) {
    EngineOptions options = new EngineOptions(threads, Optional.empty(), BlasChoice.NONE);
    SamplerOptions sampling = new SamplerOptions(TEMPERATURE, TOP_P, 0, 0, 0, 1, seed);
    String begin = prompt == null ? "\n" : prompt;
    int[] ids = tokenizer.encode(begin);
    return model -> {
      StringBuilder text = new StringBuilder(begin);
      try (Engine engine = Backends.open(model, "cpu", options);
          Generator generator = new Generator(engine, tokenizer)) {
        generator.generate(
            ids,
            new GenerationOptions(tokens, List.of()),
            new Sampler(sampling),
            text::append,
            stop);
      }
      return text.toString();
    };
  }
}
