package aviary.generation;

import static aviary.generation.GreedyRun.PROMPT;
import static aviary.generation.GreedyRun.TOKENIZER;
import static aviary.generation.GreedyRun.joined;
import static aviary.generation.GreedyRun.options;
import static aviary.generation.GreedyRun.seen;
import static aviary.generation.GreedyRun.tokens;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopStringTest {
  private final GreedyRun run = new GreedyRun();

  @ParameterizedTest
  @ValueSource(strings = {"Hello|\nUs|er:|!", "H|e|l|lo\n|U|s|e|r|:|!", "Hel|lo\n|U|ser|: more"})
  void aStopStringThatSpansTokensNeverShowsAndTheStateHasNotSeenIt(String script) {
    FakeEngine engine = FakeEngine.reciting(3, tokens(script.split("\\|")));
    Generator generator = new Generator(engine, TOKENIZER);
    Generation generation = run.generate(generator, PROMPT, options(100, "\nUser:"));
    assertEquals(StopReason.STOP_STRING, generation.reason());
    assertEquals("Hello", run.text());
    int[] text = Arrays.copyOfRange(seen(generator), 3, seen(generator).length);
    assertEquals("Hello", new String(TOKENIZER.decode(text), StandardCharsets.UTF_8));
    assertEquals(1, engine.openStates());
    // What it expects next belongs to the state that it went back to.
    Generator straight =
        new Generator(FakeEngine.reciting(3, tokens(script.split("\\|"))), TOKENIZER);
    run.generate(straight, seen(generator), options(0));
    assertArrayEquals(straight.snapshot().next(), generator.snapshot().next());
  }

  @Test
  void textThatOnlyBeginsLikeAStopStringComesInTheEnd() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("Hello", "\nUs", "e"));
    Generator generator = new Generator(engine, TOKENIZER);
    Generation generation = run.generate(generator, PROMPT, options(100, "\nUser:"));
    assertEquals(StopReason.END_OF_TEXT, generation.reason());
    assertEquals(List.of("Hello", "\nUse"), run.pieces);
    assertArrayEquals(joined(PROMPT, tokens("Hello", "\nUs", "e")), seen(generator));
    assertEquals(1, engine.openStates());
  }

  @Test
  void aStopStringHeldAsPartOfALongerOneIsFoundAtTheEnd() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("H", "xabc"));
    Generator generator = new Generator(engine, TOKENIZER);
    Generation generation = run.generate(generator, PROMPT, options(100, "xabcy", "bc"));
    assertEquals(StopReason.STOP_STRING, generation.reason());
    assertEquals("Hxa", run.text());
    assertArrayEquals(joined(PROMPT, tokens("H", "x", "a")), seen(generator));
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
}
