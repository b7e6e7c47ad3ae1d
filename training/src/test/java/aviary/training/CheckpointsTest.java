package aviary.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.model.ModelConfig.Architecture;
import aviary.safetensors.MalformedFileException;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders and checkpoints that a training does not go on from. */
class CheckpointsTest {
  private static final String CHECKPOINT = "checkpoint.safetensors";

  @TempDir Path folder;

  @Test
  void aFolderWithATrainingIsNotOverwritten() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    byte[] before = Files.readAllBytes(folder.resolve(CHECKPOINT));
    assertRefused("--resume", () -> SmallTraining.open(folder, false).close());
    assertArrayEquals(before, Files.readAllBytes(folder.resolve(CHECKPOINT)));
  }

  @Test
  void aCheckpointOfOtherOptionsIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    TrainingOptions other =
        new TrainingOptions(
            SmallTraining.STEPS,
            2e-2,
            Schedule.COSINE,
            5,
            0.1,
            1,
            Chunks.WHOLE,
            Tuned.WEIGHTS,
            3,
            2);
    assertRefused(
        "lr 0.01",
        () ->
            new Trainer(
                    SmallTraining.initial(Architecture.FINCH),
                    "small",
                    SmallTraining.data(),
                    other,
                    folder,
                    true)
                .close());
  }

  @Test
  void aCheckpointOfOtherDataIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    TextData other = new TextData(new int[900], 0.1, 4, 12, 3, "zeros");
    assertRefused(
        "data counting",
        () ->
            new Trainer(
                    SmallTraining.initial(Architecture.FINCH),
                    "small",
                    other,
                    SmallTraining.options(Chunks.WHOLE, Tuned.WEIGHTS),
                    folder,
                    true)
                .close());
  }

  @Test
  void aCheckpointThatIsCutShortIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    Path file = folder.resolve(CHECKPOINT);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    assertRefused(CHECKPOINT, () -> SmallTraining.open(folder, true).close());
  }

  @Test
  void aCheckpointWithOneBitChangedIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    Path file = folder.resolve(CHECKPOINT);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertRefused("is damaged", () -> SmallTraining.open(folder, true).close());
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void aFileIsNoFolderToTrainIn() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "something");
    assertRefused("is a file", () -> SmallTraining.open(file, false).close());
    assertEquals("something", Files.readString(file));
  }

  /** Does something with files. */
  private interface Attempt {
    void run() throws IOException;
  }

  private static void assertRefused(String named, Attempt attempt) {
    Exception e = assertThrows(Exception.class, attempt::run);
    assertTrue(e instanceof InputException || e instanceof MalformedFileException, e::toString);
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }
}
