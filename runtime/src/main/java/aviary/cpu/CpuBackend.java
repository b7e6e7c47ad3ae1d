package aviary.cpu;

import aviary.InputException;
import aviary.engine.Backend;
import aviary.engine.BlasChoice;
import aviary.engine.Device;
import aviary.engine.DeviceLimits;
import aviary.engine.EngineOptions;
import aviary.engine.HostCores;
import aviary.engine.Layers;
import aviary.engine.Stage;
import aviary.model.Model;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** This machine's cores, through the Vector API. */
public final class CpuBackend implements Backend {
  static final String NAME = "cpu";

  /** More threads than any machine has cores. */
  private static final int MOST_THREADS = 4096;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    if (!hint().isEmpty()) {
      return List.of();
    }
    Map<String, String> properties = new LinkedHashMap<>();
    Processor.details().ifPresent(details -> properties.put("processor", details));
    properties.put("vectors", Lanes.FLOATS.vectorBitSize() + " bits");
    properties.put("threads", String.valueOf(Runtime.getRuntime().availableProcessors()));
    properties.put("weights", "f32, f16, bf16, q8_0");
    properties.put("blas", blas());
    return List.of(new Device(NAME, Processor.name(), memory(), properties));
  }

  @Override
  public String hint() {
    return VectorApi.isPresent()
        ? ""
        : "the cpu backend needs the Vector API: start java with --add-modules " + VectorApi.MODULE;
  }

  /** Loads and initializes the Vector API and the kernels' classes. */
  @Override
  public void prepare() {
    Thread.ofPlatform()
        .daemon()
        .name("aviary-cpu-prepare")
        .start(() -> {
          if (VectorApi.isPresent()) {
            WarmUp.loadClasses();
          }
        });
  }

  @Override
  public Stage open(Model model, Layers layers, String device, EngineOptions options) {
    if (!device.equals(NAME)) {
      throw new InputException("device %s: the cpu backend has one device, cpu".formatted(device));
    }
    requireVectorApi();
    return new CpuStage(model, layers, threads(options), BlasLibrary.chosen(options.blas()));
  }

  @Override
  public Optional<HostCores> cores(EngineOptions options) {
    requireVectorApi();
    String blas = BlasLibrary.chosen(options.blas()).map(Blas::toString).orElse("none");
    return Optional.of(new HostCores(threads(options), blas));
  }

  @Override
  public Optional<DeviceLimits> limits(String device, EngineOptions options, long bytes) {
    return hint().isEmpty()
        ? Optional.of(CpuLimits.measure(threads(options), bytes))
        : Optional.empty();
  }

  /** To be called before any class that uses the API is loaded, as it may add it. */
  private void requireVectorApi() {
    if (!hint().isEmpty()) {
      throw new InputException(hint());
    }
  }

  private static int threads(EngineOptions options) {
    if (options.threads() > MOST_THREADS) {
      throw new InputException(
          "--threads %d: it has to be at most %d (0 for one a core)"
              .formatted(options.threads(), MOST_THREADS));
    }
    return options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
  }

  /** The libraries that are there, and which of them is used if nothing is said. */
  private static String blas() {
    String there =
        Stream.of(BlasLibrary.values())
            .flatMap(library -> library.find().stream())
            .map(Blas::toString)
            .collect(Collectors.joining(", "));
    String found = there.isEmpty() ? "none found" : there;
    String wrong = BlasLibrary.whatIsWrongWithThePath().map(why -> "; " + why).orElse("");
    String used = BlasLibrary.chosen(BlasChoice.AUTO).map(Blas::toString).orElse("none");
    return "%s%s; --blas auto is %s".formatted(found, wrong, used);
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }
}
