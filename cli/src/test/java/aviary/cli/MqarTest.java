package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MqarTest {
  @TempDir Path folder;

  @Test
  void aSmallModelIsTrainedAndAsked() {
    Path output = folder.resolve("out");
    Run trained =
        Run.of(
                "mqar",
                "train",
                "--vocab-size=40",
                "--length=8",
                "--pairs=1",
                "--width=16",
                "--head-size=8",
                "--examples=256",
                "--batch-size=32",
                "--test-examples=64",
                "--epochs=2",
                "--output=" + output)
            .ok();
    assertTrue(
        trained.out().matches("test accuracy [01]\\.\\d{4}, .*64 queries\\R"), trained.out());
    String model = "--model=" + output.resolve("model.safetensors");
    Run asked =
        Run.of(
                "mqar",
                "eval",
                model,
                "--vocab-size=40",
                "--length=8",
                "--pairs=1",
                "--examples=70",
                "--device=cpu")
            .ok();
    assertTrue(asked.out().contains(" of 70 queries right"), asked.out());
    Run.of("mqar", "eval", model)
        .assertRefused("the model has 40 tokens, and the task needs --vocab-size 8192.*");
  }

  /** The trainer's accuracy and the engine's are of the same model on the same examples. */
  @Test
  void theEngineAgreesWithTheTrainer() {
    Path output = folder.resolve("out");
    String[] sizes = {"--vocab-size=20", "--length=16", "--pairs=2"};
    Run trained =
        Run.of(
                "mqar",
                "train",
                sizes[0],
                sizes[1],
                sizes[2],
                "--width=16",
                "--head-size=8",
                "--examples=512",
                "--batch-size=64",
                "--test-examples=200",
                "--epochs=6",
                "--lr=1e-2",
                "--seed=1",
                "--output=" + output)
            .ok();
    Run asked =
        Run.of(
                "mqar",
                "eval",
                "--model=" + output.resolve("model.safetensors"),
                sizes[0],
                sizes[1],
                sizes[2],
                "--examples=200",
                // Those that a training with seed 1 measures with.
                "--seed=-2",
                "--json")
            .ok();
    String accuracy = trained.out().replaceAll("(?s)test accuracy ([0-9.]+),.*", "$1");
    JsonNode json = new JsonMapper().readTree(asked.out());
    assertEquals(400, json.get("queries").asInt());
    assertEquals(json.get("right").asInt() / 400.0, json.get("accuracy").asDouble(), 1e-12);
    // It prints four decimals.
    assertEquals(Double.parseDouble(accuracy), json.get("accuracy").asDouble(), 5e-5);
  }

  @Test
  void examplesAreWrittenInBothForms() throws IOException {
    Path lines = folder.resolve("a.jsonl");
    Path tensors = folder.resolve("a.safetensors");
    for (Path file : List.of(lines, tensors)) {
      Run.of("mqar", "generate", "--examples=5", "--seed=3", "--output=" + file).ok();
    }
    List<String> texts = Files.readAllLines(lines);
    assertEquals(5, texts.size());
    assertTrue(texts.getFirst().matches("\\{\"tokens\": \\[.*\\], \"labels\": \\[.*\\]\\}"));
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(tensors, arena);
      assertEquals(5 * 64, file.tensors().get("tokens").elements());
      assertEquals(5 * 64, file.tensors().get("labels").elements());
    }
    Run.of("mqar", "generate", "--output=" + folder.resolve("a.txt"))
        .assertRefused(".*name a file that ends in .safetensors or .jsonl");
  }

  @Test
  void aSweepKeepsItsResultsAndDoesNothingTwice() throws IOException {
    Path output = folder.resolve("sweep");
    String[] sweep = {
      "mqar",
      "sweep",
      "--arch=finch,eagle",
      "--width=16,16",
      "--head-size=8",
      "--layers=1",
      "--tasks=8:1",
      "--lr=1e-3",
      "--examples=8",
      "--tokens-in-batch=64",
      "--test-examples=8",
      "--epochs=1",
      "--output=" + output
    };
    Run first = Run.of(sweep).ok();
    String note = "aviary: a warm-up of 100 steps is longer than the training, 1 steps";
    assertEquals(1, first.err().lines().filter(line -> line.startsWith(note)).count(), first.err());
    assertEquals(2, Files.readAllLines(output.resolve("results.jsonl")).size());
    assertEquals(4, first.out().lines().count(), first.out());
    assertEquals(first.out(), Files.readString(output.resolve("table.md")));
    assertTrue(Files.size(output.resolve("accuracy.png")) > 0);
    Run second = Run.of(sweep).ok();
    assertEquals(first.out(), second.out());
    assertEquals("", second.err());
    Path results = output.resolve("results.jsonl");
    Files.writeString(results, Files.readString(results).replaceFirst("[0-9]+}\\R$", ""));
    Run third = Run.of(sweep).ok();
    assertTrue(third.err().contains("results.jsonl, line 2: was cut off"), third.err());
    assertEquals(2, Files.readAllLines(results).size());
  }

  @Test
  void whatATrainingLeftIsAModelOfItsOwnKind() throws IOException {
    Path output = folder.resolve("out");
    train(output, "--pairs=1", "--test-examples=8", "--eval-every=1").ok();
    Run.of("generate", "--model=" + output, "so")
        .assertRefused("no vocabulary for .*which has 40 tokens.* mqar eval runs it");
    String eval = "--vocab-size=40 --length=8 --pairs=1 --examples=8 --model=" + output;
    String[] words = ("mqar eval " + eval).split(" ");
    String accuracy = Run.of(words).ok().out();
    // The checkpoint is the same model.
    Files.delete(output.resolve("model.safetensors"));
    assertEquals(accuracy, Run.of(words).ok().out());
    Run.of("inspect", "--json", folder.toString())
        .assertRefused(".*: is a folder of trainings: name one of out");
    assertTrue(
        Files.readString(output.resolve("metrics.jsonl"))
            .lines()
            .allMatch(line -> line.contains("\"val_accuracy\": ")));
  }

  private Run train(Path output, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "mqar",
                "train",
                "--vocab-size=40",
                "--length=8",
                "--width=16",
                "--head-size=8",
                "--layers=1",
                "--examples=64",
                "--batch-size=32",
                "--epochs=1",
                "--output=" + output));
    words.addAll(List.of(more));
    return Run.of(words.toArray(String[]::new));
  }

  @Test
  void anotherTrainingIsNotGoneOnWith() {
    Path output = folder.resolve("out");
    train(output, "--pairs=1", "--test-examples=8").ok();
    train(output, "--pairs=1", "--test-examples=9", "--resume")
        .assertRefused(".*of a training with test-examples 8, and this one has 9; .*");
    train(output, "--pairs=1", "--test-examples=8", "--dtype=f16", "--resume")
        .assertRefused(".*of a training with dtype f32, and this one has f16; .*");
    train(output, "--pairs=2", "--test-examples=8", "--resume")
        .assertRefused(
            ".*of a training with data MQAR of 40 tokens, length 8, 1 pairs, random tokens where"
                + " nothing is asked, 64 examples, .*");
    train(output, "--pairs=1", "--test-examples=8", "--resume").ok();
  }

  /** What a model is asked must not be what any can have learned from. */
  @Test
  void examplesThatModelsAreAskedAreNotTrainedOn() {
    Path output = folder.resolve("out");
    String asked = "--seed 1000: those are the examples that mqar eval asks; .*";
    train(output, "--pairs=1", "--seed=1000").assertRefused(asked);
    train(output, "--pairs=1", "--seed=-2").assertRefused("--seed -2: it has to be 0 or more");
    Run.of("mqar", "sweep", "--seed=1,1000", "--output=" + output)
        .assertRefused("--arch finch, .*: " + asked);
    Run.of("mqar", "sweep", "--seed=-2", "--output=" + output)
        .assertRefused("--arch finch, .*: --seed -2: it has to be 0 or more");
  }

  @Test
  void sizesThatCannotBeAreNamed() {
    Path output = folder.resolve("out");
    Run.of("mqar", "train", "--examples=200", "--output=" + output)
        .assertRefused("--examples 200: too few for one batch of --batch-size 256");
    train(output, "--dtype=q8_0").assertRefused("--dtype q8_0: .*");
    train(output, "--save-steps=-1").assertRefused("--save-steps -1: .*");
    assertFalse(Files.exists(output), "a folder of nothing");
    Run.of("mqar", "sweep", "--examples=200", "--output=" + output)
        .assertRefused("--examples 200: too few for one batch of --tokens-in-batch 16384, .*");
    Run.of("mqar", "sweep", "--tokens-in-batch=63", "--output=" + output)
        .assertRefused(
            "--tokens-in-batch 63: has to be at least the length of an example, 64 tokens");
    Run.of("mqar", "eval", "--pairs=17").assertRefused("--pairs 17, --length 64: .*");
    Run.of("mqar", "generate", "--examples=0", "--output=" + folder.resolve("a.jsonl"))
        .assertRefused("--examples 0: .*");
    Path sweep = folder.resolve("s");
    Run.of("mqar", "sweep", "--tasks=64", "--output=" + sweep)
        .assertRefused(".*'64' is not LENGTH:PAIRS.*");
    Run.of("mqar", "sweep", "--tasks=64:4,64:17", "--output=" + sweep)
        .assertRefused("--arch finch, --width 64, --tasks 64:17: --pairs 17, --length 64: .*");
    Run.of("mqar", "sweep", "--width=64,100", "--output=" + sweep)
        .assertRefused(
            "--arch finch, --width 100, --tasks 64:4: the width, 100, is no multiple of the head size, 64: .*");
  }
}
