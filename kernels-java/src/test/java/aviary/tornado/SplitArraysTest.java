package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.StagedEngine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import aviary.tornado.DeviceTraits.Form;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Models of which a device cannot allocate all layers, or all rows of the head, at once. */
class SplitArraysTest {
  private static final RandomModel RANDOM = RandomModels.programs().getFirst();

  /** 64 columns of floats; the head has 67 rows of them, and a layer's matrices more elements. */
  private static final DeviceTraits SMALL = limited(Long.MAX_VALUE, 64 + 30 * 64 * Float.BYTES);

  private static DeviceTraits limited(long memory, long allocation) {
    return new DeviceTraits(memory, allocation, false, Form.PLAIN, 4);
  }

  @Test
  void aModelInPiecesGivesTheSame() {
    Model model = RANDOM.model();
    DeviceModel pieces = new DeviceModel(model, Layers.all(2), OneKernel.DEVICE, SMALL);
    assertEquals(2, pieces.chunks.size());
    assertEquals(3, pieces.embedding.size());
    assertEquals(3, pieces.head.size());
    int[] tokens = RANDOM.tokens(9);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine =
            new StagedEngine(
                model,
                List.of(
                    new TornadoStage(
                        model,
                        Layers.all(2),
                        OneKernel.DEVICE,
                        TornadoDevices.find(OneKernel.DEVICE),
                        SMALL)))) {
      State expected = reference.newState();
      State state = engine.newState();
      for (int i = 0; i < 2; i++) {
        assertNear(
            reference.forward(Batch.of(Sequence.all(expected, tokens))),
            engine.forward(Batch.of(Sequence.all(state, tokens))));
      }
    }
  }

  /** As near as every engine has to be. */
  private static void assertNear(Logits expected, Logits actual) {
    assertEquals(expected.rows(), actual.rows());
    for (int row = 0; row < expected.rows(); row++) {
      float[] right = expected.row(row);
      double most =
          IntStream.range(0, right.length).mapToDouble(i -> Math.abs(right[i])).max().orElseThrow();
      assertArrayEquals(right, actual.row(row), (float) (1e-4 * most), RANDOM + ", row " + row);
      assertEquals(expected.argmax(row), actual.argmax(row));
    }
  }

  @Test
  void aModelThatIsLargerThanTheDeviceIsRefused() {
    String message =
        assertThrows(
                InputException.class,
                () ->
                    new DeviceModel(
                        RANDOM.model(), Layers.all(2), "tornado:0:0", limited(100, 1 << 20)))
            .getMessage();
    assertTrue(
        message.matches("device tornado:0:0: .* need \\d+ MB there, and the device has 0 MB; .*"),
        message);
  }
}
