package aviary.training;

import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelFiles;
import aviary.safetensors.Tensor;
import aviary.training.Trainer.Saving;
import aviary.training.TrainingOptions.Chunks;
import aviary.training.TrainingOptions.Schedule;
import aviary.training.TrainingOptions.Tuned;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
  private static final String CHECKPOINT = "checkpoint.safetensors";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void aModelLearnsToCount(Architecture architecture) throws IOException {
    TextData data = SmallTraining.data();
    Sequences rest = data.heldOut(2);
    try (Trainer trainer =
        new Trainer(
            SmallTraining.initial(architecture),
            Map.of("model", "small"),
            data,
            SmallTraining.options(Chunks.WHOLE, Tuned.WEIGHTS),
            folder,
            false)) {
      double before = trainer.loss(rest, 12).mean();
      assertTrue(trainer.run(new Saving(0, 1e9), TrainingProgress.NONE, () -> false));
      double after = trainer.loss(rest, 12).mean();
      assertEquals(Math.log(31), before, 0.2, "at first it guesses");
      assertTrue(after < before / 2, () -> before + " became " + after);
    }
    assertTrue(Files.size(folder.resolve("loss.png")) > 0);
    assertTrue(Files.size(folder.resolve("accuracy.png")) > 0);
    List<Metrics.Line> lines = new Metrics(folder.resolve("metrics.jsonl")).read();
    assertEquals(SmallTraining.STEPS, lines.size());
    assertEquals(SmallTraining.STEPS, lines.getLast().step());
  }

  @Test
  void whoStopsInBetweenEndsWithTheSameBytes() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertTrue(SmallTraining.run(whole, false, () -> false));
    AtomicInteger asked = new AtomicInteger();
    assertFalse(SmallTraining.run(parts, false, () -> asked.incrementAndGet() > 8));
    assertTrue(SmallTraining.run(parts, true, () -> false));
    assertSame(whole, parts);
  }

  /** Killed between two checkpoints, so that some steps are done twice. */
  @Test
  void whoIsKilledInBetweenEndsWithTheSameBytes() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    assertTrue(SmallTraining.run(whole, false, () -> false));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                SmallTraining.class.getName(),
                killed.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertTrue(out.lines().anyMatch("11"::equals), "it comes to step 11");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertTrue(SmallTraining.run(killed, true, () -> false));
    assertSame(whole, killed);
  }

  private static void assertSame(Path a, Path b) throws IOException {
    assertArrayEquals(
        Files.readAllBytes(a.resolve(CHECKPOINT)), Files.readAllBytes(b.resolve(CHECKPOINT)));
    List<Metrics.Line> of = new Metrics(a.resolve("metrics.jsonl")).read();
    List<Metrics.Line> other = new Metrics(b.resolve("metrics.jsonl")).read();
    assertEquals(
        of.stream().map(line -> line.step() + " " + line.loss()).toList(),
        other.stream().map(line -> line.step() + " " + line.loss()).toList());
  }

  /** What sequences begin with is part of the model, also where other weights are trained. */
  @Test
  void aModelsOwnInitialStateIsKept() throws IOException {
    Model model = SmallTraining.initial(Architecture.FINCH);
    TimeStates states = new TimeStates(model);
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    for (Parameter state : states.parameters()) {
      Arrays.fill(state.weights(), 0.25f);
      tensors.put(state.name(), state.tensor());
    }
    try (Trainer trainer =
        new Trainer(
            new Model(model.config(), tensors),
            Map.of("model", "with states"),
            SmallTraining.data(),
            SmallTraining.options(Chunks.WHOLE, Tuned.WEIGHTS),
            folder,
            false)) {
      trainer.run(new Saving(0, 1e9), TrainingProgress.NONE, () -> false);
      for (Parameter state : states.parameters()) {
        assertArrayEquals(
            state.weights(), trainer.model().tensor(state.name()).toFloats(), state.name());
      }
    }
  }

  /** What runs models opens the folder of a training that wrote no model, too. */
  @Test
  void aCheckpointIsTheModelWithItsStatesAndItsDivisor() throws IOException {
    Model model = SmallTraining.initial(Architecture.FINCH);
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    for (Parameter state : new TimeStates(model).parameters()) {
      Arrays.fill(state.weights(), 0.25f);
      tensors.put(state.name(), state.tensor());
    }
    Map<String, String> metadata = Map.of("head_size_divisor", "4");
    try (Trainer trainer =
            new Trainer(
                new Model(model.config(), tensors, metadata),
                Map.of("model", "with states"),
                SmallTraining.data(),
                SmallTraining.options(Chunks.WHOLE, Tuned.WEIGHTS),
                folder,
                false);
        Arena arena = Arena.ofConfined()) {
      AtomicInteger asked = new AtomicInteger();
      assertFalse(
          trainer.run(
              new Saving(0, 1e9), TrainingProgress.NONE, () -> asked.incrementAndGet() > 7));
      Model opened = ModelFiles.open(folder, arena);
      assertEquals(4, opened.config().headSizeDivisor());
      assertEquals(metadata, opened.metadata());
      assertEquals(trainer.model().tensors().keySet(), opened.tensors().keySet());
      for (Tensor tensor : trainer.model().tensors().values()) {
        assertArrayEquals(
            tensor.toFloats(), opened.tensor(tensor.name()).toFloats(), tensor.name());
      }
    }
  }

  @Test
  void eachCheckpointIsTold() throws IOException {
    List<Long> saved = new ArrayList<>();
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void step(long steps, long all, Loss loss, double tokensPerSecond) {}

          @Override
          public void saved(long steps) {
            saved.add(steps);
          }
        };
    AtomicInteger asked = new AtomicInteger();
    try (Trainer trainer = SmallTraining.open(folder, false)) {
      trainer.run(new Saving(3, 1e9), progress, () -> asked.incrementAndGet() > 8);
    }
    assertEquals(List.of(0L, 3L, 6L, 8L), saved);
  }

  private static TrainingOptions rate(double rate, long warmUp) {
    return new TrainingOptions(
        SmallTraining.STEPS,
        rate,
        Schedule.CONSTANT,
        warmUp,
        0,
        0,
        Chunks.WHOLE,
        Tuned.WEIGHTS,
        3,
        2);
  }

  private Trainer open(TrainingOptions options, boolean resume) throws IOException {
    return new Trainer(
        SmallTraining.initial(Architecture.FINCH),
        Map.of("model", "small"),
        SmallTraining.data(),
        options,
        folder,
        resume);
  }

  private static TrainingFailure fails(Trainer trainer) {
    return assertThrows(
        TrainingFailure.class,
        () -> trainer.run(new Saving(1, 1e9), TrainingProgress.NONE, () -> false));
  }

  @Test
  void aLossThatDivergesAtOnceStops() throws IOException {
    try (Trainer trainer = open(rate(500, 0), false)) {
      String message = fails(trainer).getMessage();
      assertTrue(message.startsWith("after step " + trainer.steps() + " the loss is "), message);
      assertTrue(message.contains("the checkpoint of step 0 is kept"), message);
      assertTrue(message.contains("--lr"), message);
    }
    try (Trainer trainer = open(rate(500, 0), true)) {
      assertEquals(0, trainer.steps());
    }
  }

  /** A learning rate that grows and grows; what is kept is from before the step that did harm. */
  @Test
  void aLossThatDivergesLaterLeavesTheLastWeightsWhoseLossWasFine() throws IOException {
    TrainingOptions growing = rate(30, 400);
    try (Trainer trainer = open(growing, false)) {
      String message = fails(trainer).getMessage();
      assertTrue(trainer.steps() > 1, message);
      assertTrue(message.contains("checkpoint of step " + (trainer.steps() - 1)), message);
    }
    try (Trainer trainer = open(growing, true)) {
      Sequences next = SmallTraining.data().batch(trainer.steps());
      assertTrue(trainer.loss(next, 0).mean() < 4 * Math.log(31));
    }
  }

  /** A sampler refuses logits that are no numbers, as damage of a file, which this is not. */
  @Test
  void weightsThatHaveDivergedAreNotSampled() throws IOException {
    Observation each =
        new Observation(
            0,
            null,
            0,
            Double.NaN,
            1,
            model -> {
              for (Tensor tensor : model.tensors().values()) {
                for (float weight : tensor.toFloats()) {
                  if (!Float.isFinite(weight) || Math.abs(weight) > 100) {
                    throw new InputException("weights are damaged");
                  }
                }
              }
              return "a text";
            });
    try (Trainer trainer = open(rate(500, 0), false)) {
      assertThrows(
          TrainingFailure.class,
          () -> trainer.run(new Saving(1, 1e9), each, TrainingProgress.NONE, () -> false));
      List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
      assertEquals(trainer.steps(), lines.size());
      assertFalse(lines.getLast().contains("a text"), lines.getLast());
    }
  }

  /** The states go on from chunk to chunk, so that the loss is that of whole sequences. */
  @Test
  void chunksChangeNothingOfTheLoss() throws IOException {
    try (Trainer trainer = SmallTraining.open(folder, false)) {
      Sequences rest = SmallTraining.data().heldOut(2);
      assertEquals(trainer.loss(rest, 0).mean(), trainer.loss(rest, 7).mean(), 1e-5);
    }
  }

  @Test
  void inChunksAModelLearnsToo() throws IOException {
    try (Trainer trainer =
        new Trainer(
            SmallTraining.initial(Architecture.FINCH),
            Map.of("model", "small"),
            SmallTraining.data(),
            SmallTraining.options(new Chunks(5, false), Tuned.WEIGHTS),
            folder,
            false)) {
      Sequences rest = SmallTraining.data().heldOut(2);
      double before = trainer.loss(rest, 12).mean();
      trainer.run(new Saving(0, 1e9), TrainingProgress.NONE, () -> false);
      assertTrue(trainer.loss(rest, 12).mean() < before / 2);
    }
  }

  @Test
  void afterAFailureWhatStaysIsTold() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    SmallTraining.run(folder, false, () -> asked.incrementAndGet() > 7);
    Path metrics = folder.resolve("metrics.jsonl");
    Files.delete(metrics);
    Files.createDirectory(metrics);
    IOException e =
        assertThrows(IOException.class, () -> SmallTraining.run(folder, true, () -> false));
    assertEquals(
        metrics
            + ": cannot be read: Is a directory; the checkpoint of step 7 stays, and the training can"
            + " go on from it",
        e.getMessage());
    Files.delete(metrics);
    assertTrue(SmallTraining.run(folder, true, () -> false));
  }

  @Test
  void stateTuningChangesTheStatesAlone() throws IOException {
    Path trained = folder.resolve("trained");
    Model model;
    try (Trainer trainer = SmallTraining.open(trained, false)) {
      trainer.run(new Saving(0, 1e9), TrainingProgress.NONE, () -> false);
      model = trainer.model();
    }
    try (Trainer trainer =
        new Trainer(
            model,
            Map.of("model", "trained"),
            SmallTraining.data(),
            SmallTraining.options(Chunks.WHOLE, Tuned.TIME_STATE),
            folder.resolve("tuned"),
            false)) {
      Sequences rest = SmallTraining.data().heldOut(2);
      double before = trainer.loss(rest, 0).mean();
      trainer.run(new Saving(0, 1e9), TrainingProgress.NONE, () -> false);
      assertTrue(trainer.loss(rest, 0).mean() < before);
      for (Tensor tensor : trainer.model().tensors().values()) {
        assertArrayEquals(model.tensor(tensor.name()).toFloats(), tensor.toFloats(), tensor.name());
      }
      for (Tensor state : trainer.timeStates().values()) {
        assertTrue(state.name().endsWith("att.time_state"));
        assertTrue(anyButZero(state.toFloats()), state.name());
      }
    }
  }

  private static boolean anyButZero(float[] numbers) {
    for (float number : numbers) {
      if (number != 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void callsWhileItRunsAndAfterItWasClosedAreRefused() throws IOException {
    Saving saving = new Saving(3, 1e9);
    Trainer trainer = SmallTraining.open(folder, false);
    AtomicInteger steps = new AtomicInteger();
    TrainingProgress progress =
        (_, _, _, _) -> {
          steps.incrementAndGet();
          refused(
              "the trainer is in use",
              () -> trainer.run(saving, TrainingProgress.NONE, () -> false));
          refused("the trainer is in use", trainer::close);
        };
    assertFalse(trainer.run(saving, progress, () -> steps.get() == 3));
    assertEquals(3, steps.get());
    trainer.close();
    refused("the trainer is closed", () -> trainer.run(saving, TrainingProgress.NONE, () -> false));
    try (Trainer next = SmallTraining.open(folder, true)) {
      trainer.close();
      assertTrue(Files.exists(folder.resolve(".lock")), "of the next trainer");
      assertTrue(next.run(saving, TrainingProgress.NONE, () -> false));
    }
  }
}
