package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.generation.GenerationOptions;
import aviary.generation.Generator;
import aviary.generation.Sampler;
import aviary.generation.SamplerOptions;
import aviary.model.Model;
import aviary.model.ModelConversion;
import aviary.model.ModelFiles;
import aviary.model.WeightType;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.SafetensorsFile;
import aviary.tokenizer.ByteTokenizer;
import aviary.tokenizer.SmallVocabulary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GenerateTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SmallModel.byteLevel(folder);
  }

  private Run generate(String... args) {
    return generateFrom("", args);
  }

  private Run generateFrom(String input, String... args) {
    List<String> all =
        new ArrayList<>(List.of("generate", "--model", model.toString(), "--device", "reference"));
    all.addAll(Arrays.asList(args));
    return Run.withInput(input, all.toArray(String[]::new));
  }

  /** What the model makes of it by itself. */
  private String expected(String prompt, SamplerOptions sampling, int count) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Arena arena = Arena.ofConfined();
        Generator generator =
            new Generator(
                ReferenceBackend.engine(ModelFiles.open(model, arena)), new ByteTokenizer())) {
      generator.generate(
          prompt.getBytes(StandardCharsets.UTF_8).length == 0
              ? new int[0]
              : new ByteTokenizer().encode(prompt),
          new GenerationOptions(count, List.of()),
          new Sampler(sampling),
          text::append,
          () -> false);
    }
    return text.toString();
  }

  @Test
  void stdoutIsTheTextAndNothingElse() throws IOException {
    Run run = generate("--temperature", "0", "--max-tokens", "20", "Once").ok();
    assertEquals(expected("Once", SamplerOptions.GREEDY, 20), run.out());
    assertTrue(
        run.err()
            .matches(
                "\\R?prefill: 4 tokens, [\\d.]+ tokens/s; decode: 20 tokens, [\\d.]+ tokens/s;"
                    + " max_tokens; seed \\d+\\R"),
        run.err());
  }

  @Test
  void samplingFollowsItsOptionsAndTheSeedRepeatsIt() throws IOException {
    String[] args = {
      "--temperature=1.3",
      "--top-p=0.8",
      "--top-k=50",
      "--presence-penalty=0.4",
      "--frequency-penalty=0.3",
      "--penalty-decay=0.9",
      "--seed=17",
      "--max-tokens=30",
      "Once"
    };
    SamplerOptions sampling = new SamplerOptions(1.3, 0.8, 50, 0.4, 0.3, 0.9, 17);
    assertEquals(expected("Once", sampling, 30), generate(args).ok().out());
  }

  @Test
  void theDefaultsAreThoseOfTheHelpAndTheSeedIsTold() throws IOException {
    Run run = generate("--max-tokens=30", "Once").ok();
    String seed = run.err().strip().replaceFirst("(?s).*seed ", "");
    SamplerOptions sampling = new SamplerOptions(1, 0.7, 0, 0, 0, 0.996, Long.parseLong(seed));
    assertEquals(expected("Once", sampling, 30), run.out());
    assertEquals(run.out(), generate("--max-tokens=30", "--seed", seed, "Once").ok().out());
    assertNotEquals(run.err(), generate("--max-tokens=30", "Once").ok().err());
  }

  @Test
  void aPromptComesFromTheCommandLineAFileOrStdin() throws IOException {
    String prompt = "Ünce\n";
    Path file = Files.writeString(folder.resolve("prompt.txt"), prompt);
    String[] greedy = {"--temperature=0", "--max-tokens=12"};
    String text = expected(prompt, SamplerOptions.GREEDY, 12);
    assertEquals(text, generate(greedy[0], greedy[1], prompt).ok().out());
    assertEquals(text, generate(greedy[0], greedy[1], "--prompt", prompt).ok().out());
    assertEquals(text, generate(greedy[0], greedy[1], "--prompt-file=" + file).ok().out());
    assertEquals(text, generateFrom(prompt, greedy).ok().out());
    assertEquals(expected("", SamplerOptions.GREEDY, 12), generate(greedy).ok().out());
  }

  @Test
  void twoPromptsAreRefused() {
    generate("a", "--prompt", "b")
        .assertRefused("PROMPT, --prompt=TEXT are mutually exclusive.* \\(try: .*\\)");
    generate("--prompt=a", "--prompt-file=" + model)
        .assertRefused("--prompt.* mutually exclusive.*");
  }

  @Test
  void aSavedStateGoesOnExactly() throws IOException {
    String state = folder.resolve("state.safetensors").toString();
    String[] greedy = {"--json", "--temperature=0"};
    List<Integer> whole = tokens(generate(greedy[0], greedy[1], "--max-tokens=24", "Once"));
    List<Integer> parts =
        tokens(generate(greedy[0], greedy[1], "--max-tokens=9", "--state-out", state, "Once"));
    parts.addAll(tokens(generate(greedy[0], greedy[1], "--max-tokens=15", "--state-in", state)));
    assertEquals(whole, parts);
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(
          Set.of("state.att_shift", "state.ffn_shift", "state.wkv", "logits"),
          SafetensorsFile.open(Path.of(state), arena).tensors().keySet());
    }
  }

  @Test
  void aPromptGoesOnFromAState() {
    String state = folder.resolve("state.safetensors").toString();
    generate("--max-tokens=0", "--state-out", state, "Once upon").ok();
    assertEquals(
        generate("--temperature=0", "--max-tokens=10", "Once upon a time").ok().out(),
        generate("--temperature=0", "--max-tokens=10", "--state-in", state, " a time").ok().out());
  }

  @Test
  void stopTextsEndItAndAreNotPrinted() {
    String text = generate("--temperature=0", "--max-tokens=60", "Once").ok().out();
    // Of bytes that are no UTF-8 there are many, and they are no text to stop at.
    String stop = text.substring(5).replaceFirst("(?s)[^!-~]*([!-~]).*", "$1");
    Run run = generate("--temperature=0", "--stop", "no such", "--stop", stop, "Once").ok();
    assertEquals(text.substring(0, text.indexOf(stop)), run.out());
    assertTrue(run.err().contains("; stop_string; "), run.err());
  }

  @Test
  void jsonIsOneObjectInPlaceOfTheText() throws IOException {
    Run run = generate("--json", "--temperature=0", "--max-tokens=6", "--seed=5", "Once").ok();
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertEquals(1, run.out().lines().count());
    assertEquals(expected("Once", SamplerOptions.GREEDY, 6), json.get("text").asString());
    assertEquals("bytes.safetensors", json.get("model").asString());
    assertEquals("reference", json.get("device").asString());
    assertEquals("max_tokens", json.get("stop_reason").asString());
    assertEquals(5, json.get("seed").asInt());
    assertEquals(4, json.get("prompt_tokens").asInt());
    assertEquals(6, json.get("generated_tokens").asInt());
    assertEquals(6, json.get("tokens").size());
    for (String rate : List.of("prefill", "decode")) {
      assertTrue(json.get(rate + "_seconds").asDouble() > 0);
      assertTrue(json.get(rate + "_tokens_per_second").asDouble() > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "F16", "bf16", "q8_0"})
  void weightsAreConvertedAtLoad(String type) throws IOException {
    String[] args = {"--json", "--temperature=0", "--max-tokens=8", "Once"};
    Path converted = folder.resolve("converted.safetensors");
    List<Integer> atLoad = tokens(generate("--dtype", type, args[0], args[1], args[2], args[3]));
    try (Arena arena = Arena.ofShared()) {
      Model stored = ModelFiles.open(model, arena);
      Model other =
          ModelConversion.convert(stored, WeightType.valueOf(type.toUpperCase(Locale.ROOT)), arena);
      SmallModel.write(other, converted);
    }
    model = converted;
    assertEquals(tokens(generate(args)), atLoad);
  }

  private static List<Integer> tokens(Run run) {
    List<Integer> tokens = new ArrayList<>();
    JsonMapper.shared().readTree(run.ok().out()).get("tokens").forEach(t -> tokens.add(t.asInt()));
    return tokens;
  }

  @Test
  void theVocabularyIsNamedOrBesideTheModel() throws IOException {
    model = SmallModel.ofWords(folder);
    String[] words = new String[30];
    Arrays.setAll(words, i -> "%d 'word%d' %d".formatted(257 + i, i, i < 10 ? 5 : 6));
    Path vocabulary = SmallVocabulary.write(folder, words);
    String named = generate("--vocab=" + vocabulary, "--seed=1", "word7").ok().out();
    generate("--seed=1", "word7")
        .assertRefused("no vocabulary for .*: put rwkv_vocab_v20230424.txt beside the model.*");
    Files.move(vocabulary, folder.resolve("rwkv_vocab_v20230424.txt"));
    assertEquals(named, generate("--seed=1", "word7").ok().out());
  }

  @Test
  void whatIsRefusedWritesNoState() throws IOException {
    Path state = folder.resolve("state.safetensors");
    generate("--state-out=" + state, "--top-p=2", "a").assertRefused("--top-p 2: .*");
    assertFalse(Files.exists(state));
    try (Stream<Path> files = Files.list(folder)) {
      assertArrayEquals(new Object[] {model}, files.toArray());
    }
  }
}
