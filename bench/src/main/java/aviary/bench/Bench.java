package aviary.bench;

import aviary.engine.Backend;
import aviary.engine.Backends;
import aviary.engine.Device;
import aviary.engine.DeviceLimits;
import aviary.engine.DeviceProfile;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Split;
import aviary.engine.State;
import aviary.model.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Measures models on devices, and what the devices would allow. What it has measured is handed on
 * at once, so that it is there also when the rest is not waited for.
 */
public final class Bench {

  /** Takes what comes out. */
  public interface Listener {

    /** What comes next. */
    void next(String what, int done, int all);

    /** A number is there. */
    void measured(Measurement measurement);
  }

  /** Enough for a mean, and quickly done. */
  private static final int PROFILED_TOKENS = 16;

  private final Plan plan;
  private final Split split;
  private final Listener listener;
  private final BooleanSupplier stop;
  private final List<Limits> limits = new ArrayList<>();
  private final List<Measurement> measurements = new ArrayList<>();
  private final Map<String, String> models = new TreeMap<>();
  private int done;
  private boolean profiled;

  /**
   * @param split how several devices share the work; null for the usual
   * @param stop asked between two repetitions whether to end
   */
  public Bench(Plan plan, Split split, Listener listener, BooleanSupplier stop) {
    this.plan = plan;
    this.split = split;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Measures all, or as much as there is time for.
   *
   * @param version what built this
   * @param time when the run began
   */
  public Run run(String version, String time) throws IOException {
    for (Subject subject : plan.subjects()) {
      try (Arena arena = Arena.ofShared()) {
        if (stop.getAsBoolean()) {
          break;
        }
        listener.next("opening " + subject.name(), done, count());
        Model model = subject.open(arena);
        models.put(subject.name() + " " + Weights.type(model), Weights.hash(model));
        for (String device : plan.devices()) {
          for (int threads : plan.threads()) {
            measure(subject, model, device, threads);
          }
        }
      }
    }
    return new Run(environment(version, time), List.copyOf(limits), List.copyOf(measurements));
  }

  private int count() {
    int speeds =
        plan.depths().size()
            * (plan.prompts().size() + plan.generations().size() * plan.sequences().size());
    // Load, first token and memory; and of devices with a profiler, three of that.
    int others = 3 + (profiled ? 3 : 0);
    return plan.subjects().size()
        * plan.devices().size()
        * plan.threads().size()
        * (speeds + others);
  }

  private void measure(Subject subject, Model model, String device, int threads)
      throws IOException {
    if (stop.getAsBoolean()) {
      return;
    }
    EngineOptions options = new EngineOptions(threads, Optional.ofNullable(split));
    Limits limit = limits(device, options);
    listener.next("load on " + device, done, count());
    Memory.forgetPeak();
    long start = System.nanoTime();
    try (Engine engine = Backends.open(model, device, options)) {
      double load = (System.nanoTime() - start) / 1e9;
      int cores = threads(options);
      var measured = new Speeds(engine, subject.name(), model, cores, limit, plan, stop);
      add(measured.single("load", "s", load, Map.of()));
      add(measured.firstToken());
      for (int depth : plan.depths()) {
        for (int prompt : plan.prompts()) {
          next("pp%d on %s".formatted(prompt, device));
          measured.prefill(prompt, depth).ifPresent(this::add);
        }
        for (int generated : plan.generations()) {
          for (int sequences : plan.sequences()) {
            next("tg%d x %d on %s".formatted(generated, sequences, device));
            measured.decode(generated, sequences, depth).ifPresent(this::add);
          }
        }
      }
      add(measured.single("memory", "MiB", Memory.peak() / 1048576.0, Map.of()));
      if (engine.profile().isEmpty()) {
        return;
      }
    }
    profiled = true;
    profile(subject, model, device, options);
  }

  /**
   * What a device's profiler tells: of a fresh engine, since that has to compile, and not of the
   * one that was timed, since a profiler takes time itself.
   */
  private void profile(Subject subject, Model model, String device, EngineOptions options) {
    if (stop.getAsBoolean()) {
      return;
    }
    next("profile of " + device);
    try (Engine engine = Backends.open(model, device, options)) {
      Limits none = new Limits(device, 0, 0, 0);
      int cores = threads(options);
      var speeds = new Speeds(engine, subject.name(), model, cores, none, plan, stop);
      engine.startProfile();
      speeds.run(1);
      Map<String, Double> first = details(engine.profile());
      add(speeds.single("compile", "s", first.get("compile_s"), first));
      int prompt = plan.prompts().isEmpty() ? 64 : plan.prompts().getFirst();
      speeds.run(prompt);
      engine.startProfile();
      speeds.run(prompt);
      add(kernels(speeds, "pp" + prompt, details(engine.profile())));
      try (State state = engine.newState()) {
        speeds.generate(state, 1);
        engine.startProfile();
        speeds.generate(state, PROFILED_TOKENS);
        add(kernels(speeds, "tg" + PROFILED_TOKENS, details(engine.profile())));
      }
    }
  }

  private static Measurement kernels(Speeds speeds, String of, Map<String, Double> details) {
    return speeds.single("kernels of " + of, "s", details.get("kernel_s"), details);
  }

  private static int threads(EngineOptions options) {
    return options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
  }

  private void next(String what) {
    listener.next(what, done, count());
  }

  private void add(Measurement measurement) {
    done++;
    measurements.add(measurement);
    listener.measured(measurement);
  }

  private static Map<String, Double> details(Optional<DeviceProfile> profile) {
    Map<String, Double> details = new LinkedHashMap<>();
    profile.ifPresent(its -> {
      details.put("compile_s", its.compileSeconds());
      details.put("kernel_s", its.kernelSeconds());
      details.put("transfer_s", its.transferSeconds());
      details.put("launches", (double) its.launches());
      details.put("bytes_in", (double) its.bytesIn());
      details.put("bytes_out", (double) its.bytesOut());
    });
    return details;
  }

  /**
   * Of one device, beside each engine anew, as machines that others use change; several devices
   * have no common limit that is worth the name.
   */
  private Limits limits(String device, EngineOptions options) {
    int cores = threads(options);
    listener.next("what %s would allow".formatted(device), done, count());
    Optional<DeviceLimits> measured =
        backend(device).flatMap(backend -> backend.limits(device, options));
    if (measured.isEmpty()) {
      return new Limits(device, cores, 0, 0);
    }
    Limits limit =
        new Limits(device, cores, measured.get().bytesPerSecond(), measured.get().flopsPerSecond());
    limits.add(limit);
    return limit;
  }

  private static Optional<Backend> backend(String device) {
    return Backends.all().stream()
        .filter(backend -> backend.devices().stream().anyMatch(its -> its.id().equals(device)))
        .findFirst();
  }

  private Environment environment(String version, String time) {
    Map<String, Map<String, String>> devices = new TreeMap<>();
    String cpu = System.getProperty("os.arch");
    for (Backend backend : Backends.all()) {
      for (Device device : backend.devices()) {
        if (device.id().equals("cpu")) {
          cpu = device.name();
        }
        if (plan.devices().stream()
            .anyMatch(list -> List.of(list.split(",")).contains(device.id()))) {
          Map<String, String> its = new LinkedHashMap<>(device.properties());
          its.put("name", device.name());
          devices.put(device.id(), its);
        }
      }
    }
    return new Environment(
        version,
        time,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        cpu,
        Runtime.getRuntime().availableProcessors(),
        Memory.ofMachine(),
        Environment.runningJvm(),
        Environment.runningFlags(),
        devices,
        models);
  }
}
