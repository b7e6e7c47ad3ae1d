package aviary.tornado;

import aviary.InputException;
import aviary.engine.Backend;
import aviary.engine.Device;
import aviary.engine.DeviceLimits;
import aviary.engine.EngineOptions;
import aviary.engine.Layers;
import aviary.engine.Stage;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import java.util.List;
import java.util.Optional;

/**
 * The devices that TornadoVM drives. This class itself needs no TornadoVM, so that the backend can
 * be on the class path of a JVM without it.
 */
public final class TornadoBackend implements Backend {
  static final String NAME = "tornado";

  private static final String RUNTIME = "tornado.runtime";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    return isHere()
        ? TornadoDevices.all().stream().map(TornadoDevices::describe).toList()
        : List.of();
  }

  @Override
  public String hint() {
    if (!isHere()) {
      return "this JVM was started without TornadoVM: start java with @$TORNADOVM_HOME/tornado-argfile";
    }
    return TornadoDevices.all().isEmpty()
        ? "TornadoVM finds no device: install a driver for OpenCL, PTX or SPIR-V (see: clinfo)"
        : "";
  }

  @Override
  public Stage open(Model model, Layers layers, String device, EngineOptions options) {
    if (!isHere()) {
      throw new InputException("device %s: %s".formatted(device, hint()));
    }
    return new TornadoStage(model, layers, device, TornadoDevices.find(device));
  }

  @Override
  public void requireFits(ModelConfig config, WeightType type, Layers layers, String device) {
    if (isHere()) {
      DeviceTraits traits = DeviceTraits.of(TornadoDevices.find(device));
      DeviceMemory.require(
          device, MatrixLoader.bytes(config, type, layers, traits), traits.memory());
    }
  }

  @Override
  public Optional<DeviceLimits> limits(String device, EngineOptions options, long bytes) {
    if (!isHere()) {
      return Optional.empty();
    }
    DevicePeak peak = new DevicePeak(device, TornadoDevices.find(device));
    return peak.isKnown() ? Optional.of(peak.measure()) : Optional.empty();
  }

  private static boolean isHere() {
    return ModuleLayer.boot().findModule(RUNTIME).isPresent();
  }
}
