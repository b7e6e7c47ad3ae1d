package aviary.reference;

import aviary.InputException;
import aviary.engine.Backend;
import aviary.engine.Device;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
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
  public Engine open(Model model, String device, EngineOptions options) {
    if (!device.equals(NAME)) {
      throw new InputException(
          "device %s: the reference backend has one device, reference".formatted(device));
    }
    return new ReferenceEngine(model);
  }
}
