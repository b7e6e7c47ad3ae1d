package aviary.cli;

import aviary.engine.Backend;
import aviary.engine.Device;
import aviary.engine.EngineOptions;
import aviary.engine.FailingStage;
import aviary.engine.Layers;
import aviary.engine.Stage;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import java.util.List;
import java.util.Map;

/** A device that goes away in its third pass, for tests. */
public final class FailingBackend implements Backend {

  @Override
  public String name() {
    return "failing";
  }

  @Override
  public List<Device> devices() {
    return List.of(new Device(name(), "goes away", 1 << 20, Map.of()));
  }

  @Override
  public Stage open(Model model, Layers layers, String device, EngineOptions options) {
    Stage works = new ReferenceBackend().open(model, layers, "reference", options);
    return new FailingStage(works, device, Integer.MAX_VALUE, 2);
  }
}
