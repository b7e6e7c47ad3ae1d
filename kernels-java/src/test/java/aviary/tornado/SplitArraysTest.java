package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.Outcome;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.agreement.Way;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.StagedEngine;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Models of which a device cannot allocate all layers, or all rows of the head, at once. */
class SplitArraysTest {
  /** As near as every engine has to be. */
  private static final double TOLERANCE = 1e-4;

  private static final RandomModel RANDOM = RandomModels.programs().getFirst();

  private static final Layers ALL = Layers.all(RANDOM.config().layers());

  /** 64 columns of floats; the head has 67 rows of them, and a layer's matrices more elements. */
  private static final long SMALL = 30 * 64;

  private final TornadoDevice device = TornadoDevices.find(OneKernel.DEVICE);
  private final DeviceTraits traits = DeviceTraits.of(device);

  private DeviceTraits with(long memory, long allocation) {
    return new DeviceTraits(
        memory, allocation, traits.halves(), traits.form(), traits.few(), traits.sizesInText());
  }

  /** Results come in tiles, so that the head's pieces are 24, 24 and 19 rows. */
  @Test
  void aModelInPiecesGivesTheSame() {
    Model model = RANDOM.model();
    DeviceModel pieces = new DeviceModel(model, ALL, OneKernel.DEVICE, traits, SMALL);
    assertEquals(2, pieces.chunks.size());
    assertEquals(3, pieces.embedding.size());
    assertEquals(3, pieces.head.size());
    int[] tokens = RANDOM.tokens(9);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine =
            new StagedEngine(
                model,
                List.of(new TornadoStage(model, ALL, OneKernel.DEVICE, device, traits, SMALL)))) {
      Outcome expected = Way.ONE_PIECE.run(reference, tokens);
      for (Way way : List.of(Way.ONE_PIECE, Way.TOKEN_BY_TOKEN)) {
        way.run(engine, tokens).assertLike(expected, TOLERANCE, RANDOM + ", " + way);
      }
    }
  }

  @Test
  void aModelThatIsLargerThanTheDeviceIsRefused() {
    String message =
        assertThrows(
                InputException.class,
                () ->
                    new DeviceModel(RANDOM.model(), ALL, "tornado:0:0", with(100, 1 << 20), SMALL))
            .getMessage();
    assertTrue(
        message.matches("device tornado:0:0: .* need \\d+ MiB there, and the device has 0 MiB; .*"),
        message);
  }

  /** Activations cannot be shared out. */
  @Test
  void aDeviceWhoseArraysAreTooSmallIsRefused() {
    DeviceTraits small = with(Long.MAX_VALUE, 1 << 10);
    String message =
        assertThrows(
                InputException.class,
                () -> new DeviceModel(RANDOM.model(), ALL, "tornado:0:0", small, SMALL))
            .getMessage();
    assertTrue(
        message.matches("device tornado:0:0: the model needs an array of .* can have 0 MiB"),
        message);
  }
}
