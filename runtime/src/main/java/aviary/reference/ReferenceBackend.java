package aviary.reference;

import aviary.InputException;
import aviary.engine.Backend;
import aviary.engine.Device;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Layers;
import aviary.engine.Stage;
import aviary.engine.StagedEngine;
import aviary.model.Model;
import java.util.List;
import java.util.Map;

/** The oracle as a backend, so that tests and curious people choose it as they choose any other. */
public final class ReferenceBackend implements Backend {
  static final String NAME = "reference";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    return List.of(
        new Device(
            NAME,
            "plain double-precision reference, for tests",
            Runtime.getRuntime().maxMemory(),
            Map.of("threads", "1")));
  }

  @Override
  public Stage open(Model model, Layers layers, String device, EngineOptions options) {
    if (!device.equals(NAME)) {
      throw new InputException(
          "device %s: the reference backend has one device, reference".formatted(device));
    }
    return new ReferenceStage(model, layers);
  }

  /**
   * The oracle for a whole model.
   *
   * @param model the model; its memory must stay open as long as the engine
   */
  public static Engine engine(Model model) {
    Layers all = Layers.all(model.config().layers());
    return new StagedEngine(model, List.of(new ReferenceStage(model, all)));
  }
}
