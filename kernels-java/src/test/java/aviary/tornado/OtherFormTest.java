package aviary.tornado;

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
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Whole models with the form of kernels that the device would not get by itself. The other tests of
 * models run on the form that it gets.
 */
class OtherFormTest {

  @Test
  void theOtherFormAgreesWithTheReferenceByEveryWay() {
    RandomModel finch = RandomModels.programs().getLast();
    check(finch);
    check(finch.as(WeightType.Q8_0, DType.F32));
  }

  private static void check(RandomModel random) {
    Model model = random.model();
    TornadoDevice device = TornadoDevices.find(OneKernel.DEVICE);
    DeviceTraits traits = DeviceTraits.of(device);
    Form form = traits.form() == Form.PLAIN ? Form.GROUPS : Form.PLAIN;
    Layers all = Layers.all(random.config().layers());
    TornadoStage stage = new TornadoStage(model, all, OneKernel.DEVICE, device, traits.with(form));
    try (Engine reference = ReferenceBackend.engine(model);
        Engine engine = new StagedEngine(model, List.of(stage))) {
      int[] tokens = random.tokens(41);
      Outcome expected = Way.ONE_PIECE.run(reference, tokens);
      for (Way way : Way.values()) {
        String what = "%s, %s, %s".formatted(random, form, way);
        // As near as every engine has to be.
        way.run(engine, tokens).assertLike(expected, 1e-4, what);
      }
    }
  }
}
