package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainTest {
  @TempDir Path folder;
  private Path text;
  private Path output;

  @BeforeEach
  void writeText() throws IOException {
    text = SmallTraining.text(folder);
    output = folder.resolve("out");
  }

  private Run train(String... options) {
    return SmallTraining.run(text, output, options);
  }

  @Test
  void aTrainedModelGoesOnWithItsText() {
    Run run = train("--steps=80", "--lr=1e-2", "--warm-up=10").ok();
    assertTrue(run.out().matches("held out: [0-1]\\.\\d+ bits per byte, .*\\R"), run.out());
    Run generated =
        Run.of(
                "generate",
                "--model",
                output.resolve("model.safetensors").toString(),
                "--temperature=0",
                "--max-tokens=9",
                "so it goes, a")
            .ok();
    assertTrue(generated.out().contains("nd goes"), generated.out());
  }

  @Test
  void aWarmUpThatDoesNotEndIsTold() {
    assertTrue(
        train("--steps=3", "--lr=1e-2", "--warm-up=10")
            .ok()
            .err()
            .contains(
                "aviary: a warm-up of 10 steps is longer than the training, 3 steps, so that the learning"
                    + " rate comes to 0.0030 only, of 0.010"));
  }

  @Test
  void aNewTrainingWithResumeIsTold() {
    assertEquals(
        "aviary: --resume: there is no checkpoint in %s, so that a new training begins\n"
                .formatted(output)
            + "aviary: the model is in %s\n".formatted(output.resolve("model.safetensors")),
        train("--steps=2", "--warm-up=1", "--resume").ok().err());
  }

  @Test
  void anUnknownArchitectureIsRefused() {
    train("--arch=mamba")
        .assertFails(
            Failure.BAD_INPUT,
            "Invalid value for option '--arch': expected one of eagle, finch but was 'mamba'.*");
  }

  @Test
  void aModelThatIsThereIsTrainedOn() {
    train("--steps=3").ok();
    Path model = output.resolve("model.safetensors");
    output = folder.resolve("more");
    train("--steps=3", "--model=" + model, "--dtype=bf16").ok();
    assertTrue(Files.exists(output.resolve("model.safetensors")));
  }

  @Test
  void aModelInAFolderIsTrainedOnLikeItsFile() throws IOException {
    train("--steps=3").ok();
    Path trained = output;
    output = folder.resolve("of folder");
    train("--steps=3", "--model=" + trained).ok();
    byte[] ofFolder = Files.readAllBytes(output.resolve("model.safetensors"));
    output = folder.resolve("of file");
    train("--steps=3", "--model=" + trained.resolve("model.safetensors")).ok();
    assertArrayEquals(ofFolder, Files.readAllBytes(output.resolve("model.safetensors")));
  }

  @Test
  void aTunedStateIsAFileToBeginWith() {
    train("--steps=3").ok();
    Path model = output.resolve("model.safetensors");
    output = folder.resolve("state");
    train("--steps=3", "--model=" + model, "--train=time_state").ok();
    Path state = output.resolve("state.safetensors");
    assertFalse(Files.exists(output.resolve("model.safetensors")));
    Run.of("generate", "--model=" + model, "--state-in=" + state, "--max-tokens=2", "so").ok();
  }

  @Test
  void longSequencesAreWalkedInChunks() throws IOException {
    train("--steps=5", "--warm-up=0", "--chunk=5").ok();
    byte[] loose = Files.readAllBytes(output.resolve("model.safetensors"));
    output = folder.resolve("exact");
    train("--steps=5", "--warm-up=0", "--chunk=5", "--exact").ok();
    byte[] exact = Files.readAllBytes(output.resolve("model.safetensors"));
    assertFalse(Arrays.equals(loose, exact), "other gradients make another model");
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    train("--steps=2").ok();
    byte[] before = Files.readAllBytes(output.resolve("model.safetensors"));
    train("--steps=2", "--seed=5").assertRefused(".*: has a training already: .*--resume.*");
    train("--steps=2", "--seed=5", "--resume").assertRefused(".*of a training with .*");
    train("--steps=2", "--dtype=bf16", "--resume")
        .assertRefused(".*of a training with dtype f32, and this one has bf16; .*");
    assertArrayEquals(before, Files.readAllBytes(output.resolve("model.safetensors")));
  }

  @Test
  void aModelThatGoesOnIsNotOverwritten() throws IOException {
    train("--steps=2").ok();
    Path model = Files.createDirectories(folder.resolve("alone")).resolve("model.safetensors");
    Files.copy(output.resolve("model.safetensors"), model);
    byte[] before = Files.readAllBytes(model);
    output = model.getParent();
    String message = ".*model.safetensors: exists, and there is no checkpoint beside it, .*";
    train("--steps=2", "--model=" + output).assertRefused(message);
    train("--steps=2", "--model=" + output, "--resume").assertRefused(message);
    assertArrayEquals(before, Files.readAllBytes(model));
    train("--steps=2", "--model=" + output, "--train=time_state").ok();
    assertArrayEquals(before, Files.readAllBytes(model));
  }

  @Test
  void otherDataAreNamedInShort() throws IOException {
    train("--steps=2").ok();
    text = Files.writeString(folder.resolve("other.txt"), "and on and on and on. ".repeat(60));
    train("--steps=2", "--resume")
        .assertRefused(
            ".*of a training with data text.txt \\(sha-256 [0-9a-f]{12}\\), 1500 tokens, .*, and this"
                + " one has other.txt \\(sha-256 [0-9a-f]{12}\\), 1320 tokens, .*");
  }

  @Test
  void whereTheModelIsAndThatATrainingIsFinishedIsTold() {
    String where = "aviary: the model is in " + output.resolve("model.safetensors") + "\n";
    assertEquals(where, train("--steps=2", "--warm-up=1").ok().err());
    assertEquals(
        "aviary: it is finished: all 2 steps are done\n" + where,
        train("--steps=2", "--warm-up=1", "--resume").ok().err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--arch=eagle", "--layers=1", "--width=16", "--head-size=8", "--tokens=bytes"})
  void whatIsOfNewModelsIsRefusedWithAnother(String option) {
    train("--steps=2", "--model=" + folder, option)
        .assertRefused(option.replaceAll("=.*", "") + ": says what a new model is like, .*");
  }

  @Test
  void theHelpTellsTheDefaults() {
    String train = Run.of("train", "--help").ok().out().replaceAll("\\s+", " ");
    for (String said :
        List.of(
            "finch or eagle (default: finch)",
            "number of layers (default: 2)",
            "width of the model (default: 64)",
            "the model's (default: 64)",
            "bytes or world (default: bytes)",
            "Sequences in a batch (default: 16)")) {
      assertTrue(train.contains(said), said);
    }
    String mqar = Run.of("mqar", "train", "--help").ok().out().replaceAll("\\s+", " ");
    assertTrue(mqar.contains("Examples in a batch (default: 256)"), mqar);
  }

  @ParameterizedTest
  @CsvSource({
    "--steps=0, --steps 0: .*",
    "--lr=-1, --lr -1.0: .*",
    "--lr=1e30, --lr 1.0E30: it has to be above 0 and below 1000",
    "--train=time_state, --train time_state needs --model: .*",
    "--dtype=q8_0, --dtype q8_0: .*",
    "--chunk=0, '--chunk 0: it has to be from 1 to --length, 24'",
    "--chunk=25, '--chunk 25: it has to be from 1 to --length, 24'",
    "--length=0, --length 0: .*",
    "--batch-size=0, --batch-size 0: .*",
    "--save-steps=-1, --save-steps -1: .*",
    "--save-minutes=0, --save-minutes 0.0: .*",
    "--chunk=-1, --chunk -1: .*",
    "--exact, --exact: .*--chunk.*",
    "--held-out=1, --held-out 1.0: .*",
    "--length=5000, the data has 1350 tokens to learn from.*--length 5000.*",
    "--width=17, 'the width, 17, is no multiple of the head size, 8.*'",
    "--model=nowhere.safetensors, nowhere.safetensors: .*"
  })
  void whatCannotBeIsNamed(String option, String message) {
    List<String> options = new ArrayList<>(List.of(option));
    if (!option.startsWith("--steps")) {
      options.add("--steps=2");
    }
    Run run = train(options.toArray(String[]::new));
    assertEquals(Failure.BAD_INPUT, run.code(), run.err());
    assertTrue(run.err().matches("aviary: " + message + "\\R"), run.err());
    assertFalse(Files.exists(output.resolve("model.safetensors")));
  }

  @Test
  void aFolderIsNoText() {
    text = folder;
    train("--steps=2").assertRefused(".*: is a folder; --data has to name files, such as .*");
  }

  @Test
  void anEmptyTextIsNamed() throws IOException {
    Files.writeString(text, "");
    train("--steps=2").assertRefused(".*text.txt: is empty.*");
    Path other = Files.writeString(folder.resolve("other.txt"), "words ".repeat(500));
    train("--steps=2", "--data=" + other).assertRefused(".*text.txt: is empty.*");
  }

  @Test
  void aTextThatIsNotThereIsNamed() {
    text = folder.resolve("nowhere.txt");
    train("--steps=2").assertRefused(".*nowhere.txt: there is no such file");
  }

  @Test
  void aStatesFolderIsNoModelAndSaysWhatItIs() {
    train("--steps=3").ok();
    Path model = output.resolve("model.safetensors");
    output = folder.resolve("state");
    train("--steps=3", "--model=" + model, "--train=time_state").ok();
    Run.of("generate", "--model=" + output, "--max-tokens=2", "so")
        .assertRefused(
            ".*checkpoint.safetensors: is of a training of a state for the model model.safetensors.*:"
                + " run that model with --state-in .*state.safetensors");
  }
}
