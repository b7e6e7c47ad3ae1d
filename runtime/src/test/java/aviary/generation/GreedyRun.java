package aviary.generation;

import aviary.tokenizer.SmallVocabulary;
import aviary.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Generations of the likeliest tokens, and the text that they gave, piece by piece. */
final class GreedyRun {
  static final int[] PROMPT = {66, 67, 68};
  static final BooleanSupplier NEVER = () -> false;
  static final Tokenizer TOKENIZER = SmallVocabulary.of("lo\n", "\nUs", "er:", "Hello", " world");

  final List<String> pieces = new ArrayList<>();

  Generation generate(Generator generator, int[] prompt, GenerationOptions options) {
    return generator.generate(prompt, options, greedy(), pieces::add, NEVER);
  }

  String text() {
    return String.join("", pieces);
  }

  static GenerationOptions options(int maxTokens, String... stops) {
    return new GenerationOptions(maxTokens, List.of(stops));
  }

  static Sampler greedy() {
    return new Sampler(SamplerOptions.GREEDY);
  }

  /** The tokens that the generator's state has seen. */
  static int[] seen(Generator generator) {
    return FakeEngine.seen(generator.snapshot().state()).stream().mapToInt(i -> i).toArray();
  }

  static int[] tokens(String... texts) {
    return Arrays.stream(texts).flatMapToInt(t -> Arrays.stream(TOKENIZER.encode(t))).toArray();
  }

  static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }
}
