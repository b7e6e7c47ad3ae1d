package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.model.WeightType;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationModelTest {
  private static final int WIDTH = 128;

  /** Of the greatest logit: sums of some hundred products of floats, in two layers. */
  private static final double TOLERANCE = 1e-4;

  private static final ModelConfig FINCH =
      new ModelShape(Architecture.FINCH, 1, WIDTH, 64, null, null, null, null).config();

  private static float[] logits(Model model, String device, int rows) {
    int[] tokens = new int[rows];
    for (int i = 0; i < rows; i++) {
      tokens[i] = i * 7 % 64;
    }
    try (Engine engine = Backends.open(model, device, new EngineOptions(2));
        State state = engine.newState()) {
      return engine.forward(Batch.of(Sequence.last(state, tokens))).row(0);
    }
  }

  private static double greatest(float[] numbers) {
    double most = 0;
    for (float number : numbers) {
      assertTrue(Float.isFinite(number), () -> "a logit is " + number);
      most = Math.max(most, Math.abs(number));
    }
    return most;
  }

  @ParameterizedTest
  @EnumSource
  void itsNumbersStayInRange(Operation operation) {
    try (Arena arena = Arena.ofShared()) {
      Model model = OperationModel.of(operation, FINCH, WeightType.F32, arena).model();
      for (int rows : List.of(1, 9)) {
        assertTrue(greatest(logits(model, "cpu", rows)) > 1e-2, "nothing came through");
      }
    }
  }

  /** In few layers: many without residuals make of roundings what they like. */
  @ParameterizedTest
  @EnumSource
  void itsNumbersAreThoseOfTheReference(Operation operation) {
    try (Arena arena = Arena.ofShared()) {
      Model model = OperationModel.of(operation, FINCH, 2, WeightType.F32, arena).model();
      for (int rows : List.of(1, 9)) {
        float[] expected = logits(model, "reference", rows);
        float[] found = logits(model, "cpu", rows);
        double most = greatest(expected);
        for (int i = 0; i < found.length; i++) {
          assertEquals(expected[i], found[i], TOLERANCE * most, operation + " with rows: " + rows);
        }
      }
    }
  }

  @Test
  void aMatrixIsReadOnceAndMultipliedWithEachRow() {
    try (Arena arena = Arena.ofShared()) {
      OperationModel f32 = OperationModel.of(Operation.MATMUL, FINCH, WeightType.F32, arena);
      int layers = f32.model().config().layers();
      double matrix = (double) WIDTH * WIDTH;
      double rows = 2.0 * WIDTH * 4;
      assertEquals(layers * (4 * matrix + rows), f32.bytes(1));
      assertEquals(layers * (4 * matrix + 256 * rows), f32.bytes(256));
      assertEquals(layers * 2 * matrix * 256, f32.flops(256));
      OperationModel q8 = OperationModel.of(Operation.MATMUL, FINCH, WeightType.Q8_0, arena);
      assertEquals(layers * (matrix + 2 * matrix / 32 + rows), q8.bytes(1));
    }
  }

  @Test
  void aStateIsReadAndWrittenOnceForAllRows() {
    try (Arena arena = Arena.ofShared()) {
      OperationModel wkv = OperationModel.of(Operation.WKV5, FINCH, WeightType.F32, arena);
      int layers = wkv.model().config().layers();
      double state = (double) WIDTH * 64;
      assertEquals(layers * 7 * state * 256, wkv.flops(256));
      // Beside the state: decay, bonus, and the scale and bias of the layer norm.
      assertEquals(layers * 4 * (2 * state + 4 * WIDTH + 2 * WIDTH), wkv.bytes(1));
    }
  }

  @Test
  void whatHasNoMatricesInTheTypeIsInF32() {
    assertEquals(
        WeightType.F32, OperationModel.typeOf(Operation.LAYER_NORM, FINCH, WeightType.BF16));
    assertEquals(WeightType.BF16, OperationModel.typeOf(Operation.DDLERP, FINCH, WeightType.BF16));
    assertEquals(WeightType.F32, OperationModel.typeOf(Operation.DDLERP, FINCH, WeightType.Q8_0));
    assertEquals(WeightType.Q8_0, OperationModel.typeOf(Operation.MATMUL, FINCH, WeightType.Q8_0));
  }
}
