package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Logits;
import aviary.model.ModelFiles;
import aviary.mqar.MqarScore;
import aviary.mqar.MqarTask;
import aviary.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models that aviary comes with, and the commands that use them. */
class ShippedModelTest {
  private static final Path FOLDER = Path.of("..", "models");

  /** Written for this test; the model has never seen them. */
  private static final List<String> SENTENCES =
      List.of(
          "And the king rose early in the morning, and went up to the house upon the hill.",
          "Then said the woman unto her son, Take the bread and the water, and go thy way.",
          "For the rain shall come in the evening, and the field shall be green again.",
          "And they came to a great river, and there was no man to carry them over.",
          "Now the servant of the priest had a lamp, and he set it by the door of the tent.",
          "Let not thine heart be troubled because of the wind that is upon the sea.",
          "And it came to pass, when the people heard the sound, that they were sore afraid.",
          "The old man answered and said, I have no gold, but I will give thee my sheep.");

  @BeforeAll
  static void nameTheFolder() {
    System.setProperty(ShippedModel.PROPERTY, FOLDER.toString());
  }

  @AfterAll
  static void forgetTheFolder() {
    System.clearProperty(ShippedModel.PROPERTY);
  }

  /** Its recipe gave more; 4,000 queries of a model that is right at 99 % differ by 0.16 %. */
  @Test
  void mqarFinchRecalls() throws IOException {
    try (Arena arena = Arena.ofShared();
        Engine engine =
            Backends.open(
                ModelFiles.open(ShippedModel.MQAR.path(), arena), "cpu", EngineOptions.DEFAULT)) {
      MqarTask task = new MqarTask(8192, 64, 4, true);
      MqarScore score = MqarScore.of(engine, task, 77, 1000, 50, (_, _) -> {});
      assertTrue(score.accuracy() >= 0.99, score::toString);
    }
  }

  @Test
  void storyFinchExpectsEnglish() throws IOException {
    double nats = 0;
    long bytes = 0;
    try (Arena arena = Arena.ofShared();
        Engine engine =
            Backends.open(
                ModelFiles.open(ShippedModel.STORY.path(), arena), "cpu", EngineOptions.DEFAULT)) {
      for (String sentence : SENTENCES) {
        int[] tokens = new ByteTokenizer().encode("\n" + sentence + "\n");
        int count = tokens.length - 1;
        Logits logits =
            engine.forward(
                Batch.of(Sequence.tail(engine.newState(), Arrays.copyOf(tokens, count), count)));
        for (int t = 0; t < count; t++) {
          nats += loss(logits.row(t), tokens[t + 1]);
          bytes++;
        }
      }
    }
    double bits = nats / bytes / Math.log(2);
    assertTrue(bits <= 1.8, () -> bits + " bits per byte");
  }

  private static double loss(float[] logits, int label) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - logits[label]);
    }
    return Math.log(sum);
  }

  @Test
  void togetherTheyTakeNoMoreThanEightMegabytes() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      long bytes = 0;
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
      assertTrue(bytes <= 8_000_000, bytes + " bytes");
    }
  }

  @Test
  void generateUsesOneAndSaysSo() {
    Run run = Run.of("generate", "--temperature=0", "--max-tokens=20", "In the beginning").ok();
    assertTrue(run.err().startsWith("aviary: without --model this uses story-finch"), run.err());
    assertTrue(run.out().startsWith(" "), run.out());
  }

  @Test
  void whateverReadsTextsUsesTheSame(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a file");
    Path texts = Files.writeString(folder.resolve("texts.txt"), "In the beginning was the word.");
    String said = "aviary: without --model this uses story-finch\n";
    List<Run> runs =
        List.of(
            Run.withInput("Hello\n", "chat", "--max-tokens=4"),
            Run.of("bench", "-p", "4", "-n", "2", "-r", "1", "--warm-up", "0"),
            Run.of("inspect"),
            Run.of("logits", "--prompt", "And", "--output", file.toString()),
            Run.of("eval", "--tasks", "loss-by-position", "--data", texts.toString()));
    for (Run run : runs) {
      assertTrue(run.ok().err().startsWith(said), run.err());
    }
    assertTrue(runs.get(1).out().contains("story-finch.safetensors"), runs.get(1).out());
    assertTrue(runs.get(2).out().contains("width              192"), runs.get(2).out());
    assertTrue(Files.size(file) > 0);
  }

  /** Errors of input come alone: one line, whatever the command would have said otherwise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench -pg 8",
        "bench -p x",
        "bench -r 0",
        "bench --device nowhere",
        "generate --device nowhere I",
        "generate --max-tokens=-1 I",
        "generate --top-p=7 I",
        "generate --vocab MISSING I",
        "generate --state-in MISSING I",
        "generate --prompt-file MISSING",
        "generate --prompt-file ZIP",
        "generate --split layers=9,9 --device cpu,cpu I",
        "chat --device nowhere",
        "chat --state-in MISSING",
        "chat --top-p=7",
        "chat --vocab MISSING",
        "logits --prompt-file ZIP --output MISSING",
        "logits --tokens 1,999999 --output MISSING",
        "logits --device nowhere --prompt a --output MISSING",
        "inspect --tensors --nothing",
        "eval --tasks loss-by-position --data ZIP",
        "eval --tasks loss-by-position --data EMPTY",
        "eval --tasks loss-by-position --data LINES",
        "eval --tasks mqar --device nowhere",
        "mqar eval --examples 0",
        "mqar eval --vocab-size 1000000",
        "mqar eval --device nowhere",
      })
  void errorsComeAlone(String line, @TempDir Path folder) throws IOException {
    Files.write(folder.resolve("ZIP"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0});
    Files.writeString(folder.resolve("EMPTY"), "");
    Files.writeString(folder.resolve("LINES"), "{\"page\": \"one\"}\n");
    String[] words = line.split(" ");
    for (int i = 0; i < words.length; i++) {
      if (words[i].matches("[A-Z]{4,}")) {
        words[i] = folder.resolve(words[i]).toString();
      }
    }
    Run.of(words).assertRefused(".*");
  }

  @Test
  void evalUsesOneAndSaysSo() {
    Run run = Run.of("eval", "--limit=50").ok();
    assertTrue(run.err().startsWith("aviary: without --model this uses mqar-finch"), run.err());
    assertTrue(run.out().contains("|mqar |"), run.out());
  }

  @Test
  void mqarEvalUsesTheSame() {
    Run run = Run.of("mqar", "eval", "--examples=50").ok();
    assertTrue(run.err().startsWith("aviary: without --model this uses mqar-finch"), run.err());
    assertTrue(run.out().startsWith("accuracy "), run.out());
  }

  @Test
  void whereTheyAreNotThatIsTold() {
    System.setProperty(ShippedModel.PROPERTY, "nowhere");
    try {
      Run run = Run.of("mqar", "eval");
      assertEquals(Failure.BAD_INPUT, run.code());
      assertTrue(run.err().startsWith("aviary: --model is missing, and mqar-finch"), run.err());
    } finally {
      nameTheFolder();
    }
  }
}
