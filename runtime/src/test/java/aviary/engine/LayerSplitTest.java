package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.agreement.EngineAgreement;
import aviary.agreement.GoldenSuite;
import aviary.agreement.MisuseAgreement;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Batch.Sequence;
import aviary.model.Model;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model's layers on several engines of the same device: as a whole they do as every device. */
class LayerSplitTest {
  private static final RandomModel RANDOM = RandomModels.programs().getLast();

  private static EngineOptions options(Integer... counts) {
    return new EngineOptions(1, Optional.of(new Split.OfLayers(List.of(counts))));
  }

  /** On so many stages, where the model has as many layers; a model of one layer is whole. */
  private static Engine open(Model model, int stages) {
    int most = Math.min(stages, model.config().layers());
    return most == 1
        ? Backends.open(model, "cpu", new EngineOptions(1))
        : Backends.open(model, devices(most), options());
  }

  private static String devices(int count) {
    return String.join(",", Collections.nCopies(count, "cpu"));
  }

  @Nested
  class TwoStages implements EngineAgreement, GoldenSuite, MisuseAgreement {
    @Override
    public String device() {
      return devices(2);
    }

    @Override
    public Engine open(Model model) {
      return LayerSplitTest.open(model, 2);
    }
  }

  @Nested
  class ThreeStages implements EngineAgreement {
    @Override
    public String device() {
      return devices(3);
    }

    @Override
    public Engine open(Model model) {
      return LayerSplitTest.open(model, 3);
    }
  }

  @Test
  void itIsNamedAfterItsDevices() {
    try (Engine engine = Backends.open(RANDOM.model(), "cpu, reference", options(1, 1))) {
      assertEquals("cpu,reference", engine.device());
    }
  }

  /** The rows between the stages are the floats that a whole model has there. */
  @ParameterizedTest
  @MethodSource({"aviary.agreement.RandomModels#all", "aviary.agreement.RandomModels#programs"})
  void noBitIsAnotherThanOfTheWholeModel(RandomModel random) {
    Model model = random.model();
    int layers = random.config().layers();
    int[] tokens = random.tokens(600);
    try (Engine whole = Backends.open(model, "cpu", new EngineOptions(1));
        Engine split = open(model, layers)) {
      for (int[] piece : new int[][] {tokens, Arrays.copyOf(tokens, 1)}) {
        State expected = whole.newState();
        State actual = split.newState();
        Logits right = whole.forward(Batch.of(Sequence.tail(expected, piece, piece.length / 4)));
        Logits logits = split.forward(Batch.of(Sequence.tail(actual, piece, piece.length / 4)));
        assertEquals(right.rows(), logits.rows());
        for (int row = 0; row < right.rows(); row++) {
          assertArrayEquals(right.row(row), logits.row(row), "row " + row);
          assertEquals(right.argmax(row), logits.argmax(row));
        }
        assertArrayEquals(expected.read().attShift(), actual.read().attShift());
        assertArrayEquals(expected.read().ffnShift(), actual.read().ffnShift());
        assertArrayEquals(expected.read().wkv(), actual.read().wkv());
      }
    }
  }
}
