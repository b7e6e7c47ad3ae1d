package aviary.engine;

import aviary.InputException;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The backends on the class path. */
public final class Backends {

  /** How to get those that are built only where what they need is installed. */
  private static final Map<String, String> HOW_TO_GET =
      Map.of(
          "tornado",
          "TornadoVM is not installed: sdk install tornadovm (https://www.tornadovm.org), or name its"
              + " folder in TORNADOVM_HOME, and start ./aviary again");

  /** Set by the launcher where it knows better why a backend is missing, as {@code tornado}. */
  private static final String WHY_MISSING = "aviary.%s.missing";

  private Backends() {}

  /** The backends that could be here and are not, each with one line that says how to get it. */
  public static Map<String, String> missing() {
    Map<String, String> missing = new TreeMap<>(HOW_TO_GET);
    missing.replaceAll((name, how) -> System.getProperty(WHY_MISSING.formatted(name), how));
    all().forEach(backend -> missing.remove(backend.name()));
    return missing;
  }

  /** All backends, in the order of the class path. */
  public static List<Backend> all() {
    return ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * Starts, on other threads, what opening a model on a device needs and needs no model for. {@link
   * #open} reports what is wrong with the device.
   *
   * @param device as {@link #open} takes it
   */
  public static void prepare(String device) {
    for (Backend backend : all()) {
      if (Stream.of(device.split(",")).anyMatch(id -> id.split(":")[0].equals(backend.name()))) {
        backend.prepare();
      }
    }
  }

  /**
   * Compiles a model for a device, or for several that share the work.
   *
   * @param model the model
   * @param device the device's id, whose part before the first colon names the backend; or several
   *     with commas between them
   * @param options how to run it; {@link EngineOptions#split} says how several devices share it
   * @throws InputException if no backend has that name, or the backend has no such device, or the
   *     model cannot be split as it was said
   * @throws IllegalStateException if the model's memory was closed, or this thread may not read it
   */
  public static Engine open(Model model, String device, EngineOptions options) {
    List<String> devices = ids(device);
    if (devices.size() == 1) {
      options.split().ifPresent(split -> refuse(split, devices.getFirst()));
      return open(model, devices, List.of(Layers.all(model.config().layers())), options);
    }
    return switch (options.split().orElse(Split.USUAL)) {
      case Split.OfBatch _ -> copies(model, devices, options);
      case Split.OfLayers split ->
          open(model, devices, shared(split, model.config().layers(), devices), options);
    };
  }

  /**
   * Measures what a device could do at most; takes some seconds.
   *
   * @param device as {@link #open} takes it
   * @param bytes what the weights take that are to be read
   * @return empty for several devices, and where the backend has no way to
   * @throws InputException if there is none of that name
   */
  public static Optional<DeviceLimits> limits(String device, EngineOptions options, long bytes) {
    return device.contains(",") ? Optional.empty() : backend(device).limits(device, options, bytes);
  }

  /**
   * How an engine shares out its work to the host's cores; empty where none of its devices does.
   *
   * @param device as {@link #open} takes it
   * @throws InputException if there is no such backend, or it cannot run so
   */
  public static Optional<HostCores> cores(String device, EngineOptions options) {
    return ids(device).stream().flatMap(id -> backend(id).cores(options).stream()).findFirst();
  }

  /**
   * Checks that a model can have room on devices, each of which has all of it or its part of the
   * layers, before its weights are read or made.
   *
   * @param type the type of most weights
   * @param device as {@link #open} takes it
   * @param options how the devices share the work
   * @throws InputException if it cannot; both numbers are named
   */
  public static void requireFits(
      ModelConfig config, WeightType type, String device, EngineOptions options) {
    List<String> devices = ids(device);
    List<Layers> layers = layers(config.layers(), devices, options);
    for (int i = 0; i < devices.size(); i++) {
      String id = devices.get(i);
      backend(id).requireFits(config, type, layers.get(i), id);
    }
  }

  private static List<String> ids(String device) {
    return Arrays.stream(device.split(",", -1)).map(String::strip).toList();
  }

  private static void refuse(Split split, String device) {
    throw new InputException(
        ("--split %s: there is one device, %s, and nothing to split; --device takes several with"
                + " commas between them")
            .formatted(split, device));
  }

  /** What each of some devices has of a model's layers. */
  private static List<Layers> layers(int ofAll, List<String> devices, EngineOptions options) {
    return devices.size() > 1 && options.split().orElse(Split.USUAL) instanceof Split.OfLayers split
        ? shared(split, ofAll, devices)
        : Collections.nCopies(devices.size(), Layers.all(ofAll));
  }

  private static List<Layers> shared(Split.OfLayers split, int layers, List<String> devices) {
    return split.counts().isEmpty()
        ? split.byMemory(
            layers, devices.stream().map(device -> describe(device).memoryBytes()).toList())
        : split.asCounted(layers, devices.size());
  }

  /** A copy of the model on each device. */
  private static Engine copies(Model model, List<String> devices, EngineOptions options) {
    List<Layers> all = List.of(Layers.all(model.config().layers()));
    List<Engine> engines = new ArrayList<>();
    try {
      for (String device : devices) {
        engines.add(open(model, List.of(device), all, options));
      }
      return new BatchSplitEngine(engines);
    } catch (Throwable e) {
      Closing.after(e, engines.stream().<Runnable>map(engine -> engine::close).toList());
      throw e;
    }
  }

  /** Each device has its part of the layers. */
  private static Engine open(
      Model model, List<String> devices, List<Layers> layers, EngineOptions options) {
    List<Stage> stages = new ArrayList<>();
    try {
      for (int i = 0; i < devices.size(); i++) {
        String device = devices.get(i);
        stages.add(backend(device).open(model, layers.get(i), device, options));
      }
      return new StagedEngine(model, stages);
    } catch (RuntimeException | Error e) {
      Closing.after(e, stages.stream().<Runnable>map(stage -> stage::close).toList());
      if (e instanceof RuntimeException why) {
        throw new ModelMemory(model).explain(why);
      }
      throw e;
    }
  }

  private static Backend backend(String device) {
    String name = device.contains(":") ? device.substring(0, device.indexOf(':')) : device;
    return all().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new InputException("device %s: %s".formatted(device, why(name))));
  }

  /**
   * What is known of a device.
   *
   * @param id as {@link #open} takes it, of one device
   * @throws InputException if there is none of that name
   */
  public static Device describe(String id) {
    Backend backend = backend(id);
    return backend.devices().stream()
        .filter(device -> device.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                "device %s: %s"
                    .formatted(
                        id,
                        backend.hint().isEmpty()
                            ? "no such device here; " + there()
                            : backend.hint())));
  }

  private static String why(String name) {
    return missing().getOrDefault(name, "no such backend here; " + there());
  }

  /** The devices that can be named; those of a backend that this JVM lacks are not known here. */
  private static String there() {
    String others =
        missing().keySet().stream()
            .map(name -> ", and those of %s where it is installed".formatted(name))
            .collect(Collectors.joining());
    return "there is %s%s (see: aviary devices)"
        .formatted(
            all().stream()
                .flatMap(backend -> backend.devices().stream())
                .map(Device::id)
                .collect(Collectors.joining(", ")),
            others);
  }
}
