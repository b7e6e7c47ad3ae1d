package aviary.generation;

import static aviary.agreement.Refusal.refused;
import static aviary.generation.GreedyRun.NEVER;
import static aviary.generation.GreedyRun.PROMPT;
import static aviary.generation.GreedyRun.TOKENIZER;
import static aviary.generation.GreedyRun.greedy;
import static aviary.generation.GreedyRun.options;
import static aviary.generation.GreedyRun.tokens;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.tokenizer.ByteTokenizer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Wrong calls and consumers that throw: refused, and nothing is lost. */
class GeneratorMisuseTest {
  private final GreedyRun run = new GreedyRun();

  @Test
  void logitsThatAreNoNumbersAreAClearError() {
    FakeEngine engine = FakeEngine.rambling();
    Generator generator = new Generator(engine, new ByteTokenizer());
    run.generate(generator, PROMPT, options(5));
    engine.breakDown();
    String message =
        assertThrows(InputException.class, () -> run.generate(generator, PROMPT, options(5)))
            .getMessage();
    assertTrue(message.contains("NaN for token 0"), message);
  }

  @Test
  void aTokenOutOfRangeChangesNothingHoweverFarBehindItIs() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    run.generate(generator, PROMPT, options(5));
    int[] expected = run.generate(generator.fork(), new int[0], options(5)).tokens();
    int[] prompt = new int[Generator.PREFILL_TOKENS * 2];
    prompt[prompt.length - 1] = 300;
    assertThrows(InputException.class, () -> run.generate(generator, prompt, options(5)));
    assertArrayEquals(expected, run.generate(generator, new int[0], options(5)).tokens());
  }

  @Test
  void statesAreClosedWhenTheConsumerThrows() {
    FakeEngine engine = FakeEngine.reciting(3, tokens("\nUs", "x"));
    Generator generator = new Generator(engine, TOKENIZER);
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

  @Test
  void afterTheConsumerThrewItIsRefusedUntilASnapshotIsRestored() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    run.generate(generator, PROMPT, options(5));
    Snapshot before = generator.snapshot();
    final int[] expected = run.generate(generator.fork(), PROMPT, options(5)).tokens();
    refused("full", () -> throwing(generator));
    String said = "the generator's last generation threw";
    refused(said, () -> run.generate(generator, PROMPT, options(5)));
    refused(said, generator::fork);
    refused(said, generator::snapshot);
    refused(said, generator::isFresh);
    generator.restore(before);
    assertArrayEquals(expected, run.generate(generator, PROMPT, options(5)).tokens());
    refused("full", () -> throwing(generator));
    generator.close();
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
  void callsFromItsOwnConsumerAreRefusedAndChangeNothing() {
    int[] expected =
        run.generate(new Generator(FakeEngine.rambling(), TOKENIZER), PROMPT, options(9)).tokens();
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    String said = "the generator is in use by this very thread";
    Generation generation =
        generator.generate(
            PROMPT,
            options(9),
            greedy(),
            _ -> {
              refused(said, () -> run.generate(generator, PROMPT, options(1)));
              refused(said, generator::snapshot);
              refused(said, generator::fork);
              refused(said, generator::close);
            },
            NEVER);
    assertArrayEquals(expected, generation.tokens());
  }

  @Test
  void anotherThreadIsRefusedWhileItGenerates() {
    Generator generator = new Generator(FakeEngine.rambling(), TOKENIZER);
    Generation generation =
        generator.generate(
            PROMPT,
            options(9),
            greedy(),
            _ ->
                CompletableFuture.runAsync(() ->
                        refused(
                            "the generator is in use by thread ",
                            () -> run.generate(generator, PROMPT, options(1))))
                    .join(),
            NEVER);
    assertEquals(9, generation.tokens().length);
  }

  @Test
  void aClosedOneRefusesAllAndClosingAgainDoesNothing() {
    FakeEngine engine = FakeEngine.rambling();
    Generator generator = new Generator(engine, TOKENIZER);
    run.generate(generator, PROMPT, options(3));
    Snapshot snapshot = generator.snapshot();
    generator.close();
    generator.close();
    assertEquals(0, engine.openStates());
    refused("the generator is closed", () -> run.generate(generator, PROMPT, options(3)));
    refused("the generator is closed", generator::fork);
    refused("the generator is closed", generator::snapshot);
    refused("the generator is closed", () -> generator.restore(snapshot));
    assertEquals(0, engine.openStates());
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
