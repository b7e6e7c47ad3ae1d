package aviary.evaluation.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModels;
import aviary.engine.Batch;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.evaluation.task.GenerationSettings;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Request.Generate;
import aviary.evaluation.task.Request.Loglikelihood;
import aviary.evaluation.task.Request.Rolling;
import aviary.evaluation.task.Response;
import aviary.evaluation.task.Response.Likelihood;
import aviary.generation.GenerationOptions;
import aviary.generation.Generator;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the reference, which computes every sequence in doubles and by itself. */
class ScorerTest {
  private static final Model MODEL =
      RandomModels.all().stream()
          .filter(random -> random.config().vocabulary() == 256)
          .findFirst()
          .orElseThrow()
          .model();

  private static final List<Request> CHOICES =
      List.of(
          new Loglikelihood("The cat sat on", " a mat"),
          new Loglikelihood("The cat sat on", " a map"),
          new Loglikelihood("The cat sat on", " the floor"),
          new Loglikelihood("The cat sat on", " a mat and slept"),
          new Loglikelihood("The dog", " barked"),
          new Loglikelihood("", "The dog"),
          new Loglikelihood("The dog  \n", "ran"),
          new Loglikelihood("The cat sat on", " a mat"));

  private static Scorer scorer(Engine engine, int batch, boolean share, int maxLength) {
    return new Scorer(
        engine, new ByteTokenizer(), new ScoringOptions(batch, share, maxLength), _ -> {});
  }

  /** The sum and whether all tokens were the most likely, one token after the other. */
  private static Likelihood slowly(String before, String after) {
    byte[] context = before.getBytes(StandardCharsets.UTF_8);
    byte[] continuation = after.getBytes(StandardCharsets.UTF_8);
    double sum = 0;
    boolean greedy = true;
    try (Engine engine = ReferenceBackend.engine(MODEL);
        State state = engine.newState()) {
      int[] prompt = new ByteTokenizer().encode(context);
      Logits logits =
          engine.forward(
              Batch.of(Batch.Sequence.last(state, prompt.length == 0 ? new int[] {0} : prompt)));
      for (byte next : continuation) {
        float[] row = logits.row(0);
        double total = 0;
        for (float logit : row) {
          total += Math.exp(logit);
        }
        int token = next & 0xff;
        sum += row[token] - Math.log(total);
        greedy &= logits.argmax(0) == token;
        logits = engine.forward(Batch.of(Batch.Sequence.last(state, token)));
      }
    }
    return new Likelihood(sum, greedy);
  }

  private static void assertLike(Likelihood expected, Response found, String name) {
    Likelihood likelihood = (Likelihood) found;
    // The same logits, rounded to floats, summed in another order.
    assertEquals(expected.logProbability(), likelihood.logProbability(), 1e-9, name);
    assertEquals(expected.greedy(), likelihood.greedy(), name);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, true", "64, true", "1, false", "64, false"})
  void sumsAreThoseOfTokenAfterToken(int batch, boolean share) {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, batch, share, 0)) {
      List<Response> responses = scorer.answer(CHOICES);
      assertEquals(CHOICES.size(), responses.size());
      for (int i = 0; i < CHOICES.size(); i++) {
        Loglikelihood request = (Loglikelihood) CHOICES.get(i);
        String context = request.context().stripTrailing();
        String moved = request.context().substring(context.length());
        assertLike(
            slowly(context, moved + request.continuation()), responses.get(i), request.toString());
      }
    }
  }

  @Test
  void whatTextsBeginWithIsRunOnce() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0);
        Scorer plain = scorer(engine, 4, false, 0)) {
      scorer.answer(CHOICES);
      // The last token of each text is only expected, and all bytes are tokens. In a tree:
      // "The cat sat on a ma", from there "t and slep", " the floo" behind "on", "The dog barke"
      // less "The ", "  \nra" behind "The dog", and "The do" behind token 0.
      int tokens =
          "The cat sat on a ma".length()
              + "t and slep".length()
              + "the floo".length()
              + "dog barke".length()
              + " \nra".length()
              + 1
              + "The do".length();
      assertEquals(tokens, scorer.tokens());
      plain.answer(CHOICES);
      int all =
          CHOICES.stream()
              .map(Loglikelihood.class::cast)
              .mapToInt(request ->
                  Math.max(1, request.context().length()) + request.continuation().length() - 1)
              .sum();
      assertEquals(all, plain.tokens());
    }
  }

  /** Runs batches, and remembers their tokens. */
  private record Recording(Engine engine, List<String> batches) implements Engine {
    @Override
    public ModelConfig config() {
      return engine.config();
    }

    @Override
    public String device() {
      return engine.device();
    }

    @Override
    public State newState() {
      return engine.newState();
    }

    @Override
    public State newState(StateData data) {
      return engine.newState(data);
    }

    @Override
    public Logits forward(Batch batch) {
      batches.add(
          batch.sequences().stream()
              .map(sequence -> Arrays.toString(sequence.tokens()))
              .collect(Collectors.joining(" ")));
      return engine.forward(batch);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, true", "64, true", "1, false", "3, false"})
  void whereAnswersAreKnownTheBatchesOfTheOthersAreRunAsTheyWere(int batch, boolean share) {
    try (Recording engine = new Recording(ReferenceBackend.engine(MODEL), new ArrayList<>());
        Scorer scorer = scorer(engine, batch, share, 0)) {
      List<Response> whole = scorer.answer(CHOICES);
      List<String> batches = List.copyOf(engine.batches);
      for (int set = 1; set < 1 << CHOICES.size(); set += 3) {
        BitSet known = BitSet.valueOf(new long[] {set});
        List<Response> answers = new ArrayList<>(whole);
        IntStream.range(0, answers.size())
            .filter(i -> !known.get(i))
            .forEach(i -> answers.set(i, null));
        engine.batches.clear();
        BitSet told = new BitSet();
        assertEquals(whole, scorer.answer(scorer.encode(CHOICES), answers, (i, _) -> told.set(i)));
        known.flip(0, CHOICES.size());
        assertEquals(known, told);
        // Some of the batches, in their order.
        Iterator<String> all = batches.iterator();
        for (String run : engine.batches) {
          boolean found = false;
          while (!found) {
            found = all.next().equals(run);
          }
        }
      }
      engine.batches.clear();
      scorer.answer(scorer.encode(CHOICES), whole, Scorer.ResponseListener.NOBODY);
      assertEquals(List.of(), engine.batches);
    }
  }

  @Test
  void choicesOfOneTokenCostNothing() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0)) {
      scorer.answer(
          List.of(
              new Loglikelihood("Answer:", "A"),
              new Loglikelihood("Answer:", "B"),
              new Loglikelihood("Answer:", "C")));
      assertEquals("Answer:".length(), scorer.tokens());
    }
  }

  @Test
  void aWholeTextIsScoredFromTheTokenBetweenTexts() {
    String text = "It was late, and nobody spoke.";
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 0)) {
      Response.Rolling rolling =
          (Response.Rolling) scorer.answer(List.of(new Rolling(text), new Rolling(""))).getFirst();
      assertEquals(slowly("", text).logProbability(), rolling.logProbability(), 1e-9);
      assertEquals(text.length(), scorer.tokens());
    }
  }

  @Test
  void windowsShowTheModelNoMoreThanTheyMay() {
    String text = "abcdefghijk";
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 4, true, 4)) {
      double sum =
          slowly("", "abcd").logProbability()
              + slowly("d", "efgh").logProbability()
              // The last window has three tokens to predict, and as many in all as the others.
              + slowly("gh", "ijk").logProbability();
      Response.Rolling rolling =
          (Response.Rolling) scorer.answer(List.of(new Rolling(text))).getFirst();
      assertEquals(sum, rolling.logProbability(), 1e-9);
      assertLike(
          slowly("fgh", "ij"),
          scorer.answer(List.of(new Loglikelihood("abcdefgh", "ij"))).getFirst(),
          "the last five tokens");
      InputException e =
          assertThrows(
              InputException.class, () -> scorer.answer(List.of(new Loglikelihood("a", "bcdefg"))));
      assertTrue(e.getMessage().startsWith("--max-length 4"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "64, true", "2, false"})
  void textsGoOnAsTheGeneratorHasThem(int batch, boolean share) {
    List<Request> requests = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, batch, share, 0)) {
      for (String prompt : List.of("Once", "", "A b", "The cat")) {
        String free = generated(engine, prompt, 12, List.of());
        expected.add(free);
        requests.add(new Generate(prompt, new GenerationSettings(List.of(), 12)));
        // Not half of a character, which the generator looks for in the bytes.
        String stop = free.replaceAll("[^!-~]", "").substring(0, 1);
        expected.add(generated(engine, prompt, 12, List.of(stop)));
        requests.add(new Generate(prompt, new GenerationSettings(List.of(stop), 12)));
      }
      requests.add(new Generate("x", new GenerationSettings(List.of(), 0)));
      expected.add("");
      List<String> said =
          scorer.answer(requests).stream().map(r -> ((Response.Generated) r).text()).toList();
      assertEquals(expected, said);
    }
  }

  @Test
  void whatPromptsBeginWithIsRunOnce() {
    GenerationSettings two = new GenerationSettings(List.of(), 2);
    String examples = "Q: a\nA: b\n\n".repeat(100);
    List<Request> requests =
        List.of(
            new Generate(examples + "Q: c\nA:", two),
            new Generate(examples + "Q: dd\nA:", two),
            new Generate(examples + "Q: c\nA:", two));
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 2, true, 0);
        Scorer plain = scorer(engine, 2, false, 0)) {
      List<Response> said = scorer.answer(requests);
      assertEquals(plain.answer(requests), said);
      // Each prompt's end, and of the two tokens that follow one: the last is not shown.
      int ends = "c\nA:".length() + "dd\nA:".length() + "c\nA:".length() + 3;
      assertEquals(examples.length() + "Q: ".length() + ends, scorer.tokens());
      assertEquals(3 * (examples.length() + "Q: ".length()) + ends, plain.tokens());
    }
  }

  private static String generated(Engine engine, String prompt, int most, List<String> stops) {
    StringBuilder text = new StringBuilder();
    try (Generator generator = new Generator(engine, new ByteTokenizer())) {
      generator.generate(
          new ByteTokenizer().encode(prompt),
          new GenerationOptions(most, stops),
          new Sampler(SamplerOptions.GREEDY),
          text::append,
          () -> false);
    }
    return text.toString();
  }

  @Test
  void nothingToScoreIsRefused() {
    try (Engine engine = ReferenceBackend.engine(MODEL);
        Scorer scorer = scorer(engine, 2, true, 0)) {
      InputException e =
          assertThrows(
              InputException.class, () -> scorer.encode(List.of(new Loglikelihood("a", ""))));
      assertTrue(e.getMessage().startsWith("there is nothing to score"), e.getMessage());
    }
    assertThrows(InputException.class, () -> new ScoringOptions(0, true, 0));
    assertThrows(InputException.class, () -> new ScoringOptions(1, true, -1));
  }

  private static void refused(String words, Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void callsFromItsListenerAndAfterItWasClosedAreRefused() {
    try (Engine engine = ReferenceBackend.engine(MODEL)) {
      Scorer scorer = scorer(engine, 4, true, 0);
      List<Response> none = Collections.nCopies(CHOICES.size(), null);
      List<Response> expected = scorer.answer(CHOICES);
      Scorer.ResponseListener listener =
          (_, _) -> {
            refused("the scorer is in use", () -> scorer.answer(CHOICES));
            refused("the scorer is in use", scorer::close);
          };
      assertEquals(expected, scorer.answer(scorer.encode(CHOICES), none, listener));
      Scorer.ResponseListener full =
          (_, _) -> {
            throw new IllegalStateException("full");
          };
      refused("full", () -> scorer.answer(scorer.encode(CHOICES), none, full));
      assertEquals(expected, scorer.answer(CHOICES));
      scorer.close();
      refused("the scorer is closed", () -> scorer.answer(CHOICES));
    }
  }
}
