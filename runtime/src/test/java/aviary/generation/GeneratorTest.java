package aviary.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Logits;
import aviary.engine.StateData;
import aviary.tokenizer.ByteTokenizer;
import aviary.tokenizer.SmallVocabulary;
import aviary.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
  private static final int[] PROMPT = {66, 67, 68};
  private static final BooleanSupplier NEVER = () -> false;

  private final Tokenizer tokenizer = SmallVocabulary.of("lo\n", "\nUs", "er:", "Hello", " world");
  private final List<String> pieces = new ArrayList<>();

  private static GenerationOptions options(int maxTokens, String... stops) {
    return new GenerationOptions(maxTokens, List.of(stops));
  }

  private static Sampler greedy() {
    return new Sampler(SamplerOptions.GREEDY);
  }

  private Generation generate(Generator generator, int[] prompt, GenerationOptions options) {
    return generator.generate(prompt, options, greedy(), pieces::add, NEVER);
  }

  private String text() {
    return String.join("", pieces);
  }

  private static int[] seen(Generator generator) {
    return FakeEngine.seen(generator.snapshot().state()).stream().mapToInt(i -> i).toArray();
  }

  private int[] tokens(String... texts) {
    return Arrays.stream(texts).flatMapToInt(t -> Arrays.stream(tokenizer.encode(t))).toArray();
  }

  private static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void streamsTheTextAndTheStateSeesPromptAndText() {
    int[] script = tokens("Hello", " world", "!");
    Generator generator = new Generator(FakeEngine.reciting(3, script), tokenizer);
    Generation generation = generate(generator, PROMPT, options(100));
    assertEquals(List.of("Hello", " world", "!"), pieces);
    assertEquals(StopReason.END_OF_TEXT, generation.reason());
    assertEquals(3, generation.promptTokens());
    assertArrayEquals(joined(script, new int[] {0}), generation.tokens());
    assertArrayEquals(joined(PROMPT, script), seen(generator));
    assertTrue(generation.prefillRate() > 0 && generation.decodeRate() > 0);
  }

  @Test
  void endsAfterAsManyTokensAsWereAskedForAndTheStateSeesTheLast() {
    int[] script = tokens("Hello", " world", "!");
    Generator generator = new Generator(FakeEngine.reciting(3, script), tokenizer);
    Generation generation = generate(generator, PROMPT, options(2));
    assertEquals(StopReason.MAX_TOKENS, generation.reason());
    assertEquals("Hello world", text());
    assertArrayEquals(joined(PROMPT, tokens("Hello", " world")), seen(generator));
  }

  @Test
  void anEmptyPromptStartsFromTokenZero() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    assertTrue(generator.isFresh());
    Generation generation = generate(generator, new int[0], options(2));
    assertEquals(1, generation.promptTokens());
    assertEquals(0, seen(generator)[0]);
    assertFalse(generator.isFresh());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 17, 39, 40})
  void twoGenerationsGiveWhatOneWouldHaveGiven(int first) {
    SamplerOptions wild = new SamplerOptions(1.2, 0.9, 0, 0.2, 0.3, 0.99, 42);
    int[] whole =
        new Generator(FakeEngine.rambling(), new ByteTokenizer())
            .generate(PROMPT, options(40), new Sampler(wild), pieces::add, NEVER)
            .tokens();
    Generator generator = new Generator(FakeEngine.rambling(), new ByteTokenizer());
    Sampler sampler = new Sampler(wild);
    int[] a = generator.generate(PROMPT, options(first), sampler, pieces::add, NEVER).tokens();
    int[] b =
        generator.generate(new int[0], options(40 - first), sampler, pieces::add, NEVER).tokens();
    assertArrayEquals(whole, joined(a, b));
  }

  @Test
  void aSnapshotGoesOnElsewhereAsIfNothingHadBeenBetween() {
    Generator whole = new Generator(FakeEngine.rambling(), tokenizer);
    int[] expected = generate(whole, PROMPT, options(40)).tokens();
    Generator first = new Generator(FakeEngine.rambling(), tokenizer);
    int[] a = generate(first, PROMPT, options(15)).tokens();
    Generator second = new Generator(FakeEngine.rambling(), tokenizer);
    second.restore(first.snapshot());
    int[] b = generate(second, new int[0], options(25)).tokens();
    assertArrayEquals(expected, joined(a, b));
    assertArrayEquals(seen(whole), seen(second));
  }

  @Test
  void snapshotsOfOtherModelsAreRefusedAndNothingChanges() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    generate(generator, PROMPT, options(3));
    int[] seen = seen(generator);
    StateData state = generator.snapshot().state();
    assertThrows(InputException.class, () -> generator.restore(new Snapshot(state, new float[7])));
    assertThrows(
        InputException.class,
        () -> generator.restore(new Snapshot(StateData.zero(2, 1, 1, 1), null)));
    assertArrayEquals(seen, seen(generator));
    assertEquals(0, generate(generator, new int[0], options(1)).promptTokens());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Hello|\nUs|er:|!", "H|e|l|lo\n|U|s|e|r|:|!", "Hel|lo\n|U|ser|: more"})
  void aStopStringThatSpansTokensNeverShowsAndTheStateHasNotSeenIt(String script) {
    FakeEngine engine = FakeEngine.reciting(3, tokens(script.split("\\|")));
    Generator generator = new Generator(engine, tokenizer);
    Generation generation = generate(generator, PROMPT, options(100, "\nUser:"));
    assertEquals(StopReason.STOP_STRING, generation.reason());
    assertEquals("Hello", text());
    int[] text = Arrays.copyOfRange(seen(generator), 3, seen(generator).length);
    assertEquals("Hello", new String(tokenizer.decode(text), StandardCharsets.UTF_8));
    assertEquals(1, engine.openStates());
    // What it expects next belongs to the state that it went back to.
    Generator straight =
        new Generator(FakeEngine.reciting(3, tokens(script.split("\\|"))), tokenizer);
    generate(straight, seen(generator), options(0));
    assertArrayEquals(straight.snapshot().next(), generator.snapshot().next());
  }

  @Test
  void textThatOnlyBeginsLikeAStopStringComesInTheEnd() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("Hello", "\nUs", "e"));
    Generator generator = new Generator(engine, tokenizer);
    Generation generation = generate(generator, PROMPT, options(100, "\nUser:"));
    assertEquals(StopReason.END_OF_TEXT, generation.reason());
    assertEquals(List.of("Hello", "\nUse"), pieces);
    assertArrayEquals(joined(PROMPT, tokens("Hello", "\nUs", "e")), seen(generator));
    assertEquals(1, engine.openStates());
  }

  @Test
  void stopStringsAreFoundHoweverTheTextIsCutIntoTokens() {
    String story = "one xabc two xabcy three";
    for (int piece = 1; piece < 9; piece++) {
      StopScanner scanner = new StopScanner(List.of("xabcy", "bc "));
      StringBuilder out = new StringBuilder();
      for (int at = 0; at < story.length() && !scanner.stopped(); at += piece) {
        out.append(
            new String(
                scanner.push(
                    story
                        .substring(at, Math.min(at + piece, story.length()))
                        .getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8));
      }
      assertEquals(
          "one xa", out.append(new String(scanner.flush(), StandardCharsets.UTF_8)).toString());
      assertTrue(scanner.stopped());
    }
  }

  @Test
  void aStopStringHeldAsPartOfALongerOneIsFoundAtTheEnd() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("H", "xabc"));
    Generator generator = new Generator(engine, tokenizer);
    Generation generation = generate(generator, PROMPT, options(100, "xabcy", "bc"));
    assertEquals(StopReason.STOP_STRING, generation.reason());
    assertEquals("Hxa", text());
    assertArrayEquals(joined(PROMPT, tokens("H", "x", "a")), seen(generator));
    assertEquals(1, engine.openStates());
  }

  @Test
  void charactersThatSpanTokensComeWholeAndAnUnfinishedOneIsMarked() {
    byte[] euro = "\u20ac".getBytes(StandardCharsets.UTF_8);
    int[] bytes = IntStream.of(0, 1, 2, 0, 1).map(i -> (euro[i] & 0xFF) + 1).toArray();
    Generator generator = new Generator(FakeEngine.reciting(3, bytes), tokenizer);
    generate(generator, PROMPT, options(5));
    assertEquals(List.of("\u20ac", "\uFFFD"), pieces);
  }

  @Test
  void tokenZeroIsAByteInByteLevelModels() {
    Generator generator = new Generator(FakeEngine.reciting(3, 'a', 0, 'b'), new ByteTokenizer());
    Generation generation = generate(generator, PROMPT, options(3));
    assertEquals(StopReason.MAX_TOKENS, generation.reason());
    assertEquals("a\0b", text());
  }

  @Test
  void idsWithoutTextGiveNone() {
    Generator generator = new Generator(FakeEngine.reciting(3, 'a' + 1, 299, 'b' + 1), tokenizer);
    assertEquals(4, generate(generator, PROMPT, options(100)).tokens().length);
    assertEquals("ab", text());
  }

  @Test
  void anInterruptedAnswerGoesOnLater() {
    int[] expected =
        generate(new Generator(FakeEngine.rambling(), tokenizer), PROMPT, options(20)).tokens();
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    AtomicInteger asked = new AtomicInteger();
    Generation cut =
        generator.generate(
            PROMPT, options(20), greedy(), pieces::add, () -> asked.incrementAndGet() > 8);
    assertEquals(StopReason.INTERRUPTED, cut.reason());
    assertEquals(7, cut.tokens().length);
    int[] rest = generate(generator, new int[0], options(13)).tokens();
    assertArrayEquals(expected, joined(cut.tokens(), rest));
  }

  @Test
  void aLongPromptCanBeInterrupted() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    int[] prompt = new int[Generator.PREFILL_TOKENS * 3];
    AtomicInteger asked = new AtomicInteger();
    Generation generation =
        generator.generate(
            prompt, options(20), greedy(), pieces::add, () -> asked.incrementAndGet() > 2);
    assertEquals(StopReason.INTERRUPTED, generation.reason());
    assertEquals(Generator.PREFILL_TOKENS * 2, generation.promptTokens());
    assertEquals(0, generation.tokens().length);
  }

  @Test
  void greedyFetchesNoRowForEachToken() {
    FakeEngine engine = FakeEngine.rambling();
    generate(new Generator(engine, new ByteTokenizer()), PROMPT, options(50));
    assertEquals(2, engine.rowsFetched(), "the first, to check it, and the last, to keep it");
  }

  @Test
  void forksGoTheirOwnWays() {
    FakeEngine engine = FakeEngine.rambling();
    Generator a = new Generator(engine, tokenizer);
    generate(a, PROMPT, options(5));
    try (Generator b = a.fork()) {
      generate(b, tokens("Hello"), options(5));
      assertEquals(8, seen(a).length);
      assertEquals(14, seen(b).length);
    }
    a.close();
    assertEquals(0, engine.openStates());
  }

  @Test
  void logitsThatAreNoNumbersAreAClearError() {
    FakeEngine engine = FakeEngine.rambling();
    Generator generator = new Generator(engine, new ByteTokenizer());
    generate(generator, PROMPT, options(5));
    engine.breakDown();
    String message =
        assertThrows(InputException.class, () -> generate(generator, PROMPT, options(5)))
            .getMessage();
    assertTrue(message.contains("NaN for token 0"), message);
  }

  @Test
  void statesAreClosedWhenTheConsumerThrows() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("\nUs", "x"));
    Generator generator = new Generator(engine, tokenizer);
    assertThrows(
        IllegalStateException.class,
        () ->
            generator.generate(
                PROMPT,
                options(10, "\nUser:"),
                greedy(),
                piece -> {
                  throw new IllegalStateException("full");
                },
                NEVER));
    assertEquals(1, engine.openStates());
  }

  private static void refused(String words, Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  private Generation throwing(Generator generator) {
    return generator.generate(
        PROMPT,
        options(10),
        greedy(),
        piece -> {
          throw new IllegalStateException("full");
        },
        NEVER);
  }

  @Test
  void afterTheConsumerThrewItIsRefusedUntilASnapshotIsRestored() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    generate(generator, PROMPT, options(5));
    Snapshot before = generator.snapshot();
    final int[] expected = generate(generator.fork(), PROMPT, options(5)).tokens();
    refused("full", () -> throwing(generator));
    String said = "the generator's last generation threw";
    refused(said, () -> generate(generator, PROMPT, options(5)));
    refused(said, generator::fork);
    refused(said, generator::snapshot);
    refused(said, generator::isFresh);
    generator.restore(before);
    assertArrayEquals(expected, generate(generator, PROMPT, options(5)).tokens());
    refused("full", () -> throwing(generator));
    generator.close();
  }

  @Test
  void aTokenOutOfRangeChangesNothingHoweverFarBehindItIs() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    generate(generator, PROMPT, options(5));
    int[] expected = generate(generator.fork(), new int[0], options(5)).tokens();
    int[] prompt = new int[Generator.PREFILL_TOKENS * 2];
    prompt[prompt.length - 1] = 300;
    assertThrows(InputException.class, () -> generate(generator, prompt, options(5)));
    assertArrayEquals(expected, generate(generator, new int[0], options(5)).tokens());
  }

  @Test
  void callsFromItsOwnConsumerAreRefusedAndChangeNothing() {
    int[] expected =
        generate(new Generator(FakeEngine.rambling(), tokenizer), PROMPT, options(9)).tokens();
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    String said = "the generator is in use by this very thread";
    Generation generation =
        generator.generate(
            PROMPT,
            options(9),
            greedy(),
            _ -> {
              refused(said, () -> generate(generator, PROMPT, options(1)));
              refused(said, generator::snapshot);
              refused(said, generator::fork);
              refused(said, generator::close);
            },
            NEVER);
    assertArrayEquals(expected, generation.tokens());
  }

  @Test
  void anotherThreadIsRefusedWhileItGenerates() {
    Generator generator = new Generator(FakeEngine.rambling(), tokenizer);
    Generation generation =
        generator.generate(
            PROMPT,
            options(9),
            greedy(),
            _ ->
                CompletableFuture.runAsync(() ->
                        refused(
                            "the generator is in use by thread ",
                            () -> generate(generator, PROMPT, options(1))))
                    .join(),
            NEVER);
    assertEquals(9, generation.tokens().length);
  }

  @Test
  void aClosedOneRefusesAllAndClosingAgainDoesNothing() {
    FakeEngine engine = FakeEngine.rambling();
    Generator generator = new Generator(engine, tokenizer);
    generate(generator, PROMPT, options(3));
    Snapshot snapshot = generator.snapshot();
    generator.close();
    generator.close();
    assertEquals(0, engine.openStates());
    refused("the generator is closed", () -> generate(generator, PROMPT, options(3)));
    refused("the generator is closed", generator::fork);
    refused("the generator is closed", generator::snapshot);
    refused("the generator is closed", () -> generator.restore(snapshot));
    assertEquals(0, engine.openStates());
  }

  @Test
  void aSamplerThatTwoThreadsUseIsRefused() {
    Sampler sampler = greedy();
    Logits nested =
        new Logits() {
          @Override
          public int rows() {
            return 1;
          }

          @Override
          public float[] row(int row) {
            CompletableFuture.runAsync(
                    () -> refused("the sampler is in use by thread ", sampler::forgetOccurrences))
                .join();
            return new float[] {1, 2};
          }

          @Override
          public int argmax(int row) {
            return 1;
          }
        };
    assertEquals(1, sampler.next(nested, 0));
  }

  @Test
  void optionsThatMakeNoSenseAreNamed() {
    assertTrue(
        assertThrows(InputException.class, () -> options(-1))
            .getMessage()
            .startsWith("--max-tokens -1"));
    assertTrue(
        assertThrows(InputException.class, () -> options(1, "")).getMessage().startsWith("--stop"));
    assertThrows(InputException.class, () -> options(1, "\uD800"));
  }
}
