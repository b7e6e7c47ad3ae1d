package aviary.evaluation.scoring;

import static aviary.evaluation.scoring.ByteScorer.MODEL;
import static aviary.evaluation.scoring.ByteScorer.scorer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.engine.Engine;
import aviary.evaluation.task.GenerationSettings;
import aviary.evaluation.task.Request;
import aviary.evaluation.task.Request.Generate;
import aviary.evaluation.task.Response;
import aviary.generation.GenerationOptions;
import aviary.generation.Generator;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.reference.ReferenceBackend;
import aviary.tokenizer.ByteTokenizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts that the scorer generates. */
class GeneratedTextTest {
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
}
