package aviary.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a training runs, and what is seen of it meanwhile. */
class TrainLengthTest {
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

  private byte[] model() throws IOException {
    return Files.readAllBytes(output.resolve("model.safetensors"));
  }

  @Test
  void aTrainingEndsWhenItsTimeIsUpAndGoesOn() throws IOException {
    Run run = train("--minutes=0.01").ok();
    assertTrue(run.out().startsWith("held out: "), run.out());
    assertTrue(
        run.err()
            .matches(
                "aviary: without --steps the learning rate stays at .*\\R"
                    + "aviary: the time is up after step \\d+; --resume goes on\\R"
                    + "aviary: the model is in .*\\R"),
        run.err());
    long steps = lines().size();
    assertTrue(steps > 0);
    byte[] before = model();
    train("--minutes=0.01", "--resume").ok();
    assertTrue(lines().size() > steps);
    assertFalse(Arrays.equals(before, model()));
    train().assertRefused("--steps is missing: say how many, or with --minutes how long");
    train("--minutes=0").assertRefused("--minutes 0.0: it has to be above 0");
    train("--steps=1", "--schedule=constant", "--resume")
        .assertRefused(
            ".*was started without --steps and has done \\d+ steps, more than --steps 1");
    train("--minutes=1", "--schedule=cosine").assertRefused("--schedule cosine: .*--steps.*");
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(output.resolve("metrics.jsonl"));
  }

  @Test
  void aConstantRateAllowsMoreSteps() throws IOException {
    output = folder.resolve("whole");
    train("--steps=6", "--schedule=constant", "--warm-up=2").ok();
    byte[] wanted = model();
    output = folder.resolve("parts");
    train("--steps=4", "--schedule=constant", "--warm-up=2").ok();
    train("--steps=6", "--schedule=constant", "--warm-up=2", "--resume").ok();
    assertArrayEquals(wanted, model());
    train("--steps=3", "--schedule=constant", "--warm-up=2", "--resume")
        .assertRefused(".*was started with --steps 6 and has done 6 steps, more than --steps 3");
  }

  @Test
  void aCosineDoesNotAllowMoreSteps() {
    train("--steps=4", "--warm-up=2").ok();
    train("--steps=6", "--warm-up=2", "--resume")
        .assertRefused(
            ".*was started with --steps 4 and --schedule cosine, .*--steps 6 cannot resume it; .*");
  }

  @Test
  void nowAndThenTheModelIsMeasuredAndWrites() throws IOException {
    Run run =
        train(
                "--steps=5",
                "--warm-up=1",
                "--eval-every=2",
                "--sample-every=4",
                "--sample-prompt=so it",
                "--sample-tokens=20")
            .ok();
    assertTrue(
        run.err()
            .matches(
                "(aviary: step [24] of 5, held out: \\d\\.\\d{4} bits per byte, accuracy .*\\R){2}"
                    + "aviary: step 4, a sample:\\R(  \\| .*\\R)+"
                    + "aviary: the model is in .*\\R"),
        run.err());
    List<String> lines = lines();
    for (int i = 0; i < lines.size(); i++) {
      boolean measured = List.of(2, 4, 5).contains(i + 1);
      assertEquals(measured, lines.get(i).contains("\"val_loss\": "), lines.get(i));
      assertEquals(measured, lines.get(i).contains("\"val_bits_per_byte\": "), lines.get(i));
      assertEquals(i + 1 == 4, lines.get(i).contains("\"sample\": \"so it"), lines.get(i));
    }
    byte[] looked = model();
    output = folder.resolve("never");
    train("--steps=5", "--warm-up=1", "--eval-every=0", "--sample-every=0").ok();
    assertArrayEquals(looked, model(), "to look changes nothing");
  }
}
