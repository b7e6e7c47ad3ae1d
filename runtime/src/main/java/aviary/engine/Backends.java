package aviary.engine;

import aviary.InputException;
import aviary.model.Model;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The backends on the class path. */
public final class Backends {

  /** How to get those that are built only where what they need is installed. */
  private static final Map<String, String> HOW_TO_GET =
      Map.of(
          "tornado",
          "TornadoVM is not installed: sdk install tornadovm (https://www.tornadovm.org), or name its"
              + " folder in TORNADOVM_HOME, and start ./aviary again");

  private Backends() {}

  /** The backends that could be here and are not, each with one line that says how to get it. */
  public static Map<String, String> missing() {
    Map<String, String> missing = new TreeMap<>(HOW_TO_GET);
    all().forEach(backend -> missing.remove(backend.name()));
    return missing;
  }

  /** All backends, in the order of the class path. */
  public static List<Backend> all() {
    return ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * Compiles a model for a device.
   *
   * @param model the model
   * @param device the device's id, whose part before the first colon names the backend; or several
   *     with commas between them, which share out the sequences of each batch
   * @param options how to run it
   * @throws InputException if no backend has that name, or the backend has no such device
   */
  public static Engine open(Model model, String device, EngineOptions options) {
    if (device.contains(",")) {
      return new SplitEngine(model, SplitEngine.devices(device), options);
    }
    String name = device.contains(":") ? device.substring(0, device.indexOf(':')) : device;
    return all().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new InputException("device %s: %s".formatted(device, why(name))))
        .open(model, device, options);
  }

  private static String why(String name) {
    return missing()
        .getOrDefault(
            name,
            "no such backend here; there is %s (see: aviary devices)"
                .formatted(all().stream().map(Backend::name).collect(Collectors.joining(", "))));
  }
}
