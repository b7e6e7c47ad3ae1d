package aviary.generation;

import static aviary.generation.GreedyRun.NEVER;
import static aviary.generation.GreedyRun.PROMPT;
import static aviary.generation.GreedyRun.TOKENIZER;
import static aviary.generation.GreedyRun.greedy;
import static aviary.generation.GreedyRun.joined;
import static aviary.generation.GreedyRun.options;
import static aviary.generation.GreedyRun.seen;
import static aviary.generation.GreedyRun.tokens;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.StateData;
import aviary.tokenizer.ByteTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
  private final GreedyRun run = new GreedyRun();

  @Test
  void streamsTheTextAndTheStateSeesPromptAndText() {
    int[] script = tokens("Hello", " world", "!");
    Generator generator = new Generator(FakeEngine.reciting(3, script), TOKENIZER);
    Generation generation = run.generate(generator, PROMPT, options(100));
    assertEquals(List.of("Hello", " world", "!"), run.pieces);
    assertEquals(StopReason.END_OF_TEXT, generation.reason());
    assertEquals(3, generation.promptTokens());
    assertArrayEquals(joined(script, new int[] {0}), generation.tokens());
    assertArrayEquals(joined(PROMPT, script), seen(generator));
    assertTrue(generation.prefillRate() > 0 && generation.decodeRate() > 0);
  }

  @Test
  void endsAfterAsManyTokensAsWereAskedForAndTheStateSeesTheLast() {
    int[] script = tokens("Hello", " world", "!");
    Generator generator = new Generator(FakeEngine.reciting(3, script), TOKENIZER);
    Generation generation = run.generate(generator, PROMPT, options(2));
    assertEquals(StopReason.MAX_TOKENS, generation.reason());
    assertEquals("Hello world", run.text());
    assertArrayEquals(joined(PROMPT, tokens("Hello", " world")), seen(generator));
  }

  @Test
  void anEmptyPromptStartsFromTokenZero() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    assertTrue(generator.isFresh());
    Generation generation = run.generate(generator, new int[0], options(2));
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
            .generate(PROMPT, options(40), new Sampler(wild), run.pieces::add, NEVER)
            .tokens();
    Generator generator = new Generator(FakeEngine.rambling(), new ByteTokenizer());
    Sampler sampler = new Sampler(wild);
    int[] a = generator.generate(PROMPT, options(first), sampler, run.pieces::add, NEVER).tokens();
    int[] b =
        generator
            .generate(new int[0], options(40 - first), sampler, run.pieces::add, NEVER)
            .tokens();
    assertArrayEquals(whole, joined(a, b));
  }

  @Test
  void aSnapshotGoesOnElsewhereAsIfNothingHadBeenBetween() {
    Generator whole = new Generator(FakeEngine.rambling(), TOKENIZER);
    int[] expected = run.generate(whole, PROMPT, options(40)).tokens();
    Generator first = new Generator(FakeEngine.rambling(), TOKENIZER);
    int[] a = run.generate(first, PROMPT, options(15)).tokens();
    Generator second = new Generator(FakeEngine.rambling(), TOKENIZER);
    second.restore(first.snapshot());
    int[] b = run.generate(second, new int[0], options(25)).tokens();
    assertArrayEquals(expected, joined(a, b));
    assertArrayEquals(seen(whole), seen(second));
  }

  @Test
  void snapshotsOfOtherModelsAreRefusedAndNothingChanges() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    run.generate(generator, PROMPT, options(3));
    int[] seen = seen(generator);
    StateData state = generator.snapshot().state();
    assertThrows(InputException.class, () -> generator.restore(new Snapshot(state, new float[7])));
    assertThrows(
        InputException.class,
        () -> generator.restore(new Snapshot(StateData.zero(2, 1, 1, 1), null)));
    assertArrayEquals(seen, seen(generator));
    assertEquals(0, run.generate(generator, new int[0], options(1)).promptTokens());
  }

  @Test
  void charactersThatSpanTokensComeWholeAndAnUnfinishedOneIsMarked() {
    byte[] euro = "\u20ac".getBytes(StandardCharsets.UTF_8);
    int[] bytes = IntStream.of(0, 1, 2, 0, 1).map(i -> (euro[i] & 0xFF) + 1).toArray();
    Generator generator = new Generator(FakeEngine.reciting(3, bytes), TOKENIZER);
    run.generate(generator, PROMPT, options(5));
    assertEquals(List.of("\u20ac", "\uFFFD"), run.pieces);
  }

  @Test
  void tokenZeroIsAByteInByteLevelModels() {
    Generator generator = new Generator(FakeEngine.reciting(3, 'a', 0, 'b'), new ByteTokenizer());
    Generation generation = run.generate(generator, PROMPT, options(3));
    assertEquals(StopReason.MAX_TOKENS, generation.reason());
    assertEquals("a\0b", run.text());
  }

  @Test
  void idsWithoutTextGiveNone() {
    Generator generator = new Generator(FakeEngine.reciting(3, 'a' + 1, 299, 'b' + 1), TOKENIZER);
    assertEquals(4, run.generate(generator, PROMPT, options(100)).tokens().length);
    assertEquals("ab", run.text());
  }

  @Test
  void anInterruptedAnswerGoesOnLater() {
    int[] expected =
        run.generate(new Generator(FakeEngine.rambling(), TOKENIZER), PROMPT, options(20)).tokens();
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    AtomicInteger asked = new AtomicInteger();
    Generation cut =
        generator.generate(
            PROMPT, options(20), greedy(), run.pieces::add, () -> asked.incrementAndGet() > 8);
    assertEquals(StopReason.INTERRUPTED, cut.reason());
    assertEquals(7, cut.tokens().length);
    int[] rest = run.generate(generator, new int[0], options(13)).tokens();
    assertArrayEquals(expected, joined(cut.tokens(), rest));
  }

  @Test
  void aLongPromptCanBeInterrupted() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    int[] prompt = new int[Generator.PREFILL_TOKENS * 3];
    AtomicInteger asked = new AtomicInteger();
    Generation generation =
        generator.generate(
            prompt, options(20), greedy(), run.pieces::add, () -> asked.incrementAndGet() > 2);
    assertEquals(StopReason.INTERRUPTED, generation.reason());
    assertEquals(Generator.PREFILL_TOKENS * 2, generation.promptTokens());
    assertEquals(0, generation.tokens().length);
  }

  @Test
  void greedyFetchesNoRowForEachToken() {
    FakeEngine engine = FakeEngine.rambling();
    run.generate(new Generator(engine, new ByteTokenizer()), PROMPT, options(50));
    assertEquals(2, engine.rowsFetched(), "the first, to check it, and the last, to keep it");
  }

  @Test
  void forksGoTheirOwnWays() {
    FakeEngine engine = FakeEngine.rambling();
    Generator a = new Generator(engine, TOKENIZER);
    run.generate(a, PROMPT, options(5));
    try (Generator b = a.fork()) {
      run.generate(b, tokens("Hello"), options(5));
      assertEquals(8, seen(a).length);
      assertEquals(14, seen(b).length);
    }
    a.close();
    assertEquals(0, engine.openStates());
  }
}
