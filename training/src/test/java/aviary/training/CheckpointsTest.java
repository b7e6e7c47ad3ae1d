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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders and checkpoints that a training does not go on from. */
class CheckpointsTest {
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final String ADVICE = "name another --output";

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
                    Map.of("model", "small"),
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
                    Map.of("model", "small"),
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
    for (int left : new int[] {bytes.length - 100, 100, 3, 0}) {
      Files.write(file, Arrays.copyOf(bytes, left));
      assertRefused(ADVICE, () -> SmallTraining.open(folder, true).close());
    }
  }

  @Test
  void aCheckpointWithAnotherByteInItsHeaderIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    Path file = folder.resolve(CHECKPOINT);
    byte[] bytes = Files.readAllBytes(file);
    bytes[40] = (byte) 0xff;
    Files.write(file, bytes);
    assertRefused(ADVICE, () -> SmallTraining.open(folder, true).close());
  }

  @Test
  void aFolderHasOneTrainingAtATime() throws IOException {
    try (Trainer first = SmallTraining.open(folder, false)) {
      for (boolean resume : new boolean[] {false, true}) {
        assertRefused(
            "another training runs there", () -> SmallTraining.open(folder, resume).close());
      }
      assertEquals(0, first.steps());
    }
    SmallTraining.open(folder, false).close();
  }

  /** Those of somebody else, or of a training whose checkpoint was lost. */
  @Test
  void aNewTrainingOverwritesNothing() throws IOException {
    for (String name : List.of("model.safetensors", "metrics.jsonl", "loss.png", "accuracy.png")) {
      Path there = Files.createDirectories(folder.resolve("with " + name));
      Path file = Files.writeString(there.resolve(name), "precious");
      for (boolean resume : new boolean[] {false, true}) {
        assertRefused(
            file + ": exists, and there is no checkpoint",
            () -> SmallTraining.open(there, resume).close());
      }
      assertEquals("precious", Files.readString(file));
    }
    Files.writeString(folder.resolve("state.safetensors"), "of no matter");
    SmallTraining.open(folder, false).close();
  }

  /** Killed before the first checkpoint is due, a training can be gone on with all the same. */
  @Test
  void aCheckpointIsThereBeforeTheFirstStep() throws IOException {
    try (Trainer trainer = SmallTraining.open(folder, false)) {
      TrainingProgress killed =
          (_, _, _, _) -> {
            throw new IllegalStateException("killed");
          };
      assertThrows(
          IllegalStateException.class,
          () -> trainer.run(new Trainer.Saving(0, 1e9), killed, () -> false));
    }
    assertTrue(SmallTraining.run(folder, true, () -> false));
  }

  @Test
  void aCheckpointWithOneBitChangedIsRefused() throws IOException {
    SmallTraining.run(folder, false, () -> true);
    Path file = folder.resolve(CHECKPOINT);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertRefused(
        "is damaged: its checksum is another; ", () -> SmallTraining.open(folder, true).close());
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
