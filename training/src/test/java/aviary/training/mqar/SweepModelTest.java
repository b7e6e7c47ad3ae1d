package aviary.training.mqar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.SafetensorsFile;
import aviary.training.TrainingProgress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepModelTest {
  private static final int STEPS = 4;

  @TempDir private Path folder;

  private static SweepCell cell(SweepModel model) {
    return new SweepCell(model.label(), 2, 16, 8, 40, 8, 1, 64, 16, 1, 16, 0.01, 1);
  }

  @Test
  void labelsAreFoundAgain() {
    for (SweepModel model : SweepModel.values()) {
      assertEquals(model, SweepModel.of(model.label()));
    }
    assertThrows(InputException.class, () -> SweepModel.of("transformer"));
    assertEquals(
        Architecture.FINCH, SweepModel.FINCH.config(cell(SweepModel.FINCH)).architecture());
    assertEquals(
        Architecture.EAGLE, SweepModel.LINEAR.config(cell(SweepModel.LINEAR)).architecture());
  }

  /**
   * The same token again adds the same to a state that does not decay, and less to one that does.
   */
  @Test
  void onlyTheStateOfLinearAttentionDoesNotDecay() {
    try (Arena arena = Arena.ofShared()) {
      double still = changeOfGrowth(SweepModel.LINEAR.initial(cell(SweepModel.LINEAR), arena));
      double decaying = changeOfGrowth(SweepModel.EAGLE.initial(cell(SweepModel.EAGLE), arena));
      // The state is read as floats: a rounding of some 2^-24 of what it has become, 20 steps' sum.
      assertTrue(still < 1e-5, () -> "growth changes by " + still);
      assertTrue(decaying > 1e-2, () -> "growth changes by " + decaying);
    }
  }

  /** By how much of itself what a token adds to the first layer's state changes in 20 tokens. */
  private static double changeOfGrowth(Model model) {
    int[] tokens = new int[22];
    Arrays.fill(tokens, 7);
    float[][] states = new float[tokens.length][];
    try (Engine engine = ReferenceBackend.engine(model);
        State state = engine.newState()) {
      for (int t = 0; t < tokens.length; t++) {
        engine.forward(Batch.of(Sequence.last(state, tokens[t])));
        states[t] = Arrays.copyOf(state.read().wkv(), 2 * 8 * 8);
      }
    }
    double change = 0;
    double size = 0;
    for (int i = 0; i < states[0].length; i++) {
      double first = states[2][i] - states[1][i];
      double last = states[21][i] - states[20][i];
      change = Math.max(change, Math.abs(last - first));
      size = Math.max(size, Math.abs(first));
    }
    return change / size;
  }

  @Test
  void trainingMovesTheBonusAndLeavesTheDecay() throws IOException {
    SweepCell cell = cell(SweepModel.LINEAR);
    ModelTrainer trainer = new ModelTrainer(folder, 2, () -> false, TrainingProgress.NONE);
    SweepResult result = trainer.train(cell).orElseThrow();
    assertEquals(STEPS, result.steps());
    assertTrue(result.accuracy().isPresent());
    try (Arena arena = Arena.ofConfined()) {
      Path trained = folder.resolve(cell.name()).resolve("checkpoint.safetensors");
      SafetensorsFile file = SafetensorsFile.open(trained, arena);
      float[] none = new float[16];
      Arrays.fill(none, -100);
      for (int layer = 0; layer < 2; layer++) {
        String prefix = "weights/blocks." + layer + ".att.";
        assertArrayEquals(none, file.tensors().get(prefix + "time_decay").toFloats());
        for (float bonus : file.tensors().get(prefix + "time_faaaa").toFloats()) {
          assertTrue(bonus != 1, () -> "the bonus did not learn");
        }
      }
    }
  }
}
