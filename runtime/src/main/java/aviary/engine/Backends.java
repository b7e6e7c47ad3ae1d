package aviary.engine;

import aviary.InputException;
import aviary.model.Model;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The backends on the class path. */
public final class Backends {
  private Backends() {}

  /** All backends, in the order of the class path. */
  public static List<Backend> all() {
    return ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * Compiles a model for a device.
   *
   * @param model the model
   * @param device the device's id; its part before the first colon names the backend
   * @param options how to run it
   * @throws InputException if no backend has that name, or the backend has no such device
   */
  public static Engine open(Model model, String device, EngineOptions options) {
    String name = device.contains(":") ? device.substring(0, device.indexOf(':')) : device;
    return all().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                "device %s: no such backend here; there is %s (see: aviary devices)"
                    .formatted(
                        device,
                        all().stream().map(Backend::name).collect(Collectors.joining(", ")))))
        .open(model, device, options);
  }
}
