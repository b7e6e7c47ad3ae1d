package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.StateData;
import aviary.tokenizer.SmallVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is wrong with the input: one line, exit code 2, nothing on stdout, nothing written. */
class BadInputTest {
  @TempDir Path inputs;
  @TempDir Path outputs;

  /** Every command that takes a model, in all its glory. */
  private List<String[]> commands(Path model) {
    String m = "--model=" + model;
    String device = "--device=reference";
    return List.of(
        new String[] {"generate", m, device, "--state-out=" + outputs.resolve("state"), "a"},
        new String[] {"chat", m, device},
        new String[] {"logits", m, device, "--prompt=a", "--output=" + outputs.resolve("logits")},
        new String[] {"tokenize", m, "a"},
        new String[] {"inspect", model.toString()});
  }

  @ParameterizedTest
  @EnumSource
  void badModelsAreRefusedByEveryCommand(BadModels bad) throws IOException {
    Path model = bad.write(inputs);
    List<Path> before = files(inputs);
    for (String[] command : commands(model)) {
      Run.withInput("Hello\n", command)
          .assertRefused(Pattern.quote(model.toString()) + ": " + bad.message());
    }
    assertEquals(before, files(inputs));
    assertEquals(List.of(), files(outputs));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private Run generate(Path model, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--model=" + model,
                "--device=reference",
                "--state-out=" + outputs.resolve("state")));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void aVocabularyThatDoesNotFitTheEmbeddingIsRefused() throws IOException {
    Path vocabulary = SmallVocabulary.write(inputs, "257 'one' 3");
    generate(SmallModel.ofWords(inputs), "--vocab=" + vocabulary, "a")
        .assertRefused("vocabulary .*: has tokens up to 257 only, but .* has 300 rows.*");
    generate(SmallModel.byteLevel(inputs), "--vocab=" + vocabulary, "a")
        .assertRefused("vocabulary .*: has tokens up to 257, but .* 256 rows: it is byte-level.*");
    assertEquals(List.of(), files(outputs));
  }

  @Test
  void aMalformedVocabularyIsRefusedByItsLine() throws IOException {
    Path vocabulary = SmallVocabulary.write(inputs, "257 'one' 4");
    generate(SmallModel.ofWords(inputs), "--vocab=" + vocabulary, "a")
        .assertRefused("vocabulary .*: line 257: length 4 is given, but .* 3 bytes");
    Run.of("tokenize", "--vocab=" + vocabulary, "a").assertRefused("vocabulary .*: line 257: .*");
    Run.of("tokenize", "--vocab=" + inputs.resolve("none"), "a")
        .assertRefused("vocabulary .*none: no such file");
  }

  @Test
  void theStateOfAnotherModelIsRefused() throws IOException {
    Path model = SmallModel.byteLevel(inputs);
    Path state = inputs.resolve("state.safetensors");
    StateData.zero(3, 8, 1, 8).save(state);
    String message =
        Pattern.quote(state.toString()) + ": state of another model: it has 3 layers, .*";
    generate(model, "--state-in=" + state, "a").assertRefused(message);
    Run.of("chat", "--model=" + model, "--device=reference", "--state-in=" + state)
        .assertRefused(message);
    generate(model, "--state-in=" + model, "a")
        .assertRefused(".*: is a model without a state of its own, .*");
    generate(model, "--state-in=" + inputs.resolve("none"), "a")
        .assertRefused(".*none: there is no such file or folder");
    assertEquals(List.of(), files(outputs));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--temperature=-1      | --temperature -1: it has to be a number of at least 0",
        "--temperature=NaN     | --temperature NaN: .*",
        "--temperature=warm    | .*--temperature.*'warm' is not a double.*",
        "--top-p=1.5           | --top-p 1.5: it has to be a number from 0 to 1",
        "--top-k=-2            | --top-k -2: .*",
        "--top-k=1.5           | .*--top-k.*'1.5' is not an int.*",
        "--penalty-decay=2     | --penalty-decay 2: .*",
        "--presence-penalty=x  | .*--presence-penalty.*",
        "--frequency-penalty=  | .*--frequency-penalty.*",
        "--max-tokens=-1       | --max-tokens -1: .*",
        "--max-tokens=many     | .*--max-tokens.*",
        "--threads=-1          | --threads -1: .*",
        "--seed=x              | .*--seed.*'x' is not a long.*",
        "--model=              | .*--model.*the path is empty.*",
        "--vocab=              | .*--vocab.*the path is empty.*",
        "--threads=x           | .*--threads.*'x' is not an int.*",
        "--stop=               | --stop: an empty text would stop at once",
        "--dtype=int4          | .*--dtype.*expected one of f32, f16, bf16, q8_0 but was 'int4'.*",
        "--device=gpu          | device gpu: no such backend here; there is .*cpu.*, and those of tornado where .*",
        "--device=reference:1  | device reference:1: .*",
        "--prompt-file=none    | none: there is no such file",
        "--prompt-file=.       | .: is a folder; name a file in it",
        "--state-out=no/where  | no/where: cannot be written: there is no folder .*no",
        "--nonsense            | Unknown option: '--nonsense'.*"
      })
  void badValuesOfOptionsAreRefused(String option, String message) throws IOException {
    Path model = SmallModel.byteLevel(inputs);
    String device = option.startsWith("--device") ? "--verbose=false" : "--device=reference";
    Run.of("generate", "--model=" + model, device, option).assertRefused(message);
    assertEquals(List.of(model), files(inputs));
  }

  @Test
  void withoutAModelTheOptionIsNamed() {
    Run.of("chat").assertRefused("--model is missing, and story-finch, .* is not here; .*");
    // The tests' JVM is not told where the models are that aviary comes with.
    Run.of("generate", "a")
        .assertRefused("--model is missing, and story-finch, .* is not here; .*");
    Run.of("eval").assertRefused("--model is missing, and mqar-finch, .* is not here; .*");
    Run.of("inspect").assertRefused("--model is missing, and story-finch, .* is not here; .*");
  }

  @Test
  void anExistingFileStaysWhenTheInputIsBad() throws IOException {
    Path model = SmallModel.byteLevel(inputs);
    Path output = Files.writeString(outputs.resolve("out"), "precious");
    Run.of(
            "logits",
            "--model=" + model,
            "--device=reference",
            "--tokens=1,999",
            "--output=" + output)
        .assertRefused("token 999 is not in the model's vocabulary.*");
    assertArrayEquals("precious".getBytes(), Files.readAllBytes(output));
    assertEquals(List.of(output), files(outputs));
  }

  @Test
  void theStackTraceIsShownWhenAskedFor() {
    Run run = Run.of("inspect", "--verbose", inputs.resolve("none").toString());
    assertEquals(2, run.code());
    assertTrue(run.err().contains("\tat aviary."), run.err());
  }
}
