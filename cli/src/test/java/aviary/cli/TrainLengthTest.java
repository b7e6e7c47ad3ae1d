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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    Run run = train("--minutes=0.01", "--eval-every=0", "--sample-every=0").ok();
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
        .assertRefused(".*: has done \\d+ steps already, more than --steps 1; .*");
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
        .assertRefused(".*: has done 6 steps already, more than --steps 3; .*");
  }

  @Test
  void aCosineDoesNotAllowMoreSteps() {
    train("--steps=4", "--warm-up=2").ok();
    train("--steps=6", "--warm-up=2", "--resume")
        .assertRefused(
            ".*was started with --steps 4 and --schedule cosine, .*--steps 6 cannot resume it; .*");
  }

  /**
   * What follows when a training is started with some options and resumed with others: how many
   * steps are done then, or why it is refused.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # start                              | resume                                | steps or message
          --steps=3                            | --steps=3                             | 3
          --steps=3                            |                                       | 3
          --steps=3                            | --schedule=cosine                     | 3
          --steps=3                            | --minutes=9                           | 3
          --steps=3                            | --minutes=9 --steps=3                 | 3
          --steps=3                            | --steps=5              | was started with --steps 3 and --schedule cosine, .*
          --steps=3                            | --steps=2              | was started with --steps 3 and --schedule cosine, .*
          --steps=3                            | --minutes=9 --steps=5  | was started with --steps 3 and --schedule cosine, .*
          --steps=3                            | --steps=5 --schedule=constant | was started with --schedule cosine and --steps 3, so --schedule constant cannot .*
          --steps=3                            | --minutes=9 --schedule=constant | was started with --schedule cosine and --steps 3, so --schedule constant cannot .*
          --steps=3 --minutes=9                | --minutes=9                           | 3
          --steps=3 --minutes=9                | --steps=5              | was started with --steps 3 and --schedule cosine, .*
          --steps=3 --schedule=constant        | --steps=5                             | 5
          --steps=3 --schedule=constant        | --steps=5 --schedule=constant         | 5
          --steps=3 --schedule=constant        |                                       | 3
          --steps=3 --schedule=constant        | --schedule=constant                   | 3
          --steps=3 --schedule=constant        | --minutes=9 --steps=5                 | 5
          --steps=3 --schedule=constant        | --minutes=0.005                       | more
          --steps=3 --schedule=constant        | --steps=2 | has done 3 steps already, more than --steps 2; .*
          --steps=3 --schedule=constant        | --steps=5 --schedule=cosine | was started with --schedule constant, so --schedule cosine cannot .*
          --minutes=0.005                      | --steps=1000000 --minutes=0.005       | more
          --minutes=0.005                      | --minutes=0.005                       | more
          --minutes=0.005                      | --minutes=0.005 --schedule=constant   | more
          --minutes=0.005                      | --steps=1                | has done \\d+ steps already, more than --steps 1; .*
          --minutes=0.005                      | --steps=1000000 --schedule=cosine | was started with --schedule constant, so --schedule cosine cannot .*
          --minutes=0.005                      | --minutes=1 --schedule=cosine | was started with --schedule constant, so --schedule cosine cannot .*
          --minutes=0.005                      |                          | --steps is missing: .*
          --minutes=0.005 --schedule=constant  | --steps=1000000 --minutes=0.005       | more
          --minutes=0.005 --steps=1000000      | --minutes=0.005                       | more
          --minutes=0.005 --steps=1000000      | --steps=9 --minutes=1    | was started with --steps 1000000 and --schedule cosine, .*
          """)
  void whatIsNotGivenIsTakenFromTheTrainingThatIsResumed(
      String start, String resume, String expected) throws IOException {
    train(start.split(" ")).ok();
    long before = lines().size();
    Run run = train(((resume == null ? "" : resume + " ") + "--resume").split(" "));
    if (expected.equals("more")) {
      run.ok();
      assertTrue(lines().size() > before);
    } else if (expected.matches("\\d+")) {
      run.ok();
      assertEquals(Long.parseLong(expected), lines().size());
    } else {
      run.assertRefused("(.*/out(/checkpoint.safetensors)?: )?" + expected);
    }
  }

  @Test
  void itSaysWithWhatItResumesIfTheCommandDoesNot() {
    train("--steps=3", "--schedule=constant").ok();
    String first = train("--steps=4", "--resume").ok().err().lines().findFirst().orElseThrow();
    assertEquals("aviary: resumes with --schedule constant and --steps 4", first);
    String same = train("--steps=5", "--schedule=constant", "--resume").ok().err();
    assertFalse(same.contains("resumes with"), same);
    String all = train("--resume").ok().err();
    assertTrue(all.startsWith("aviary: resumes with --schedule constant and --steps 5\n"), all);
    // What it was extended to and from is no matter, only what is done.
    train("--steps=3", "--resume").assertRefused(".*: has done 5 steps already, .* --steps 3; .*");
  }

  @Test
  void aDamagedCheckpointIsNamedBeforeMissingSteps() throws IOException {
    Files.createDirectories(output);
    Files.writeString(output.resolve("checkpoint.safetensors"), "nothing");
    train("--resume").assertRefused(".*checkpoint.safetensors: is damaged: .*");
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
