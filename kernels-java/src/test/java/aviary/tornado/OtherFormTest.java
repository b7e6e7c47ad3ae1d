package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.Outcome;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.agreement.Way;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.StagedEngine;
import aviary.model.Model;
import aviary.model.WeightType;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import aviary.tornado.DeviceTraits.Form;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Engines of the kernels that the first device would not get: on a processor those of work-groups,
 * on a GPU the plain ones.
 */
class OtherFormTest {

  /** As near as every engine has to be. */
  private static final double TOLERANCE = 1e-4;

  /** Both architectures, with floats and with bytes. */
  static Stream<RandomModel> models() {
    return Stream.of(RandomModels.programs().getFirst(), RandomModels.programs().getLast())
        .flatMap(random -> Stream.of(random, random.as(WeightType.Q8_0, DType.F32)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void agreesWithTheReferenceByEveryWay(RandomModel random) {
    Model model = random.model();
    TornadoDevice device = TornadoDevices.find(OneKernel.DEVICE);
    DeviceTraits own = DeviceTraits.of(device);
    DeviceTraits traits = own.with(own.form() == Form.PLAIN ? Form.GROUPS : Form.PLAIN);
    Layers all = Layers.all(random.config().layers());
    TornadoStage stage = new TornadoStage(model, all, OneKernel.DEVICE, device, traits);
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = new StagedEngine(model, List.of(stage))) {
      stage.startProfile();
      for (int count : new int[] {1, 2, 41, 150}) {
        int[] tokens = random.tokens(count);
        Outcome expected = Way.ONE_PIECE.run(reference, tokens);
        for (Way way : Way.values()) {
          way.run(engine, tokens)
              .assertLike(expected, TOLERANCE, "%d tokens %s".formatted(count, way));
        }
      }
    }
    assertTrue(stage.cost().kernelTime() > 0, "no time was spent on the device");
  }
}
