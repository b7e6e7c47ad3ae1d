package aviary.bench;

import aviary.InputException;
import aviary.bench.Measurement.Setting;
import aviary.engine.Backends;
import aviary.engine.DeviceException;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.model.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Measures models on devices, and what the devices would allow. What was measured so far is there
 * at any time, and for any thread.
 */
public final class Bench {

  /** Hears how it goes. */
  public interface Listener {

    /**
     * What comes next.
     *
     * @param done steps that are behind, of {@code all}
     */
    void next(String what, int done, int all);

    /** A number is there. */
    void measured(Measurement measurement);

    /** Something cannot be measured; the others will be. */
    void failed(String what, Throwable why);
  }

  private interface Work {
    void run() throws IOException;
  }

  private final Plan plan;
  private final EngineOptions base;
  private final BooleanSupplier stop;
  private final List<Subject.Kind> kinds = new ArrayList<>();
  private final OperationPlan operations;
  private final Environment environment;
  private final Map<String, String> models = new TreeMap<>();
  private final List<Limits> limits = new ArrayList<>();
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<Run.Failed> failures = new ArrayList<>();
  private Listener listener;
  private int done;

  /**
   * Checks that all models and devices are there.
   *
   * @param base how engines run, but for the number of threads, which is the plan's
   * @param version what built this
   * @param time when the run began
   * @param stop asked again and again whether to end
   * @throws InputException if not
   */
  public Bench(Plan plan, EngineOptions base, String version, String time, BooleanSupplier stop)
      throws IOException {
    this.plan = plan;
    this.base = base;
    this.stop = stop;
    environment = Environment.here(version, time, plan.devices());
    for (Subject subject : plan.subjects()) {
      kinds.add(subject.check());
    }
    operations = OperationPlan.of(plan, kinds);
  }

  /** What was measured so far. */
  public synchronized Run soFar() {
    return new Run(
        environment.with(models),
        List.copyOf(limits),
        List.copyOf(measurements),
        List.copyOf(failures));
  }

  /**
   * Measures all, or as much as there is time for; once.
   *
   * @param hears how it goes
   */
  public void run(Listener hears) {
    listener = hears;
    for (Subject subject : plan.subjects()) {
      attempt(subject.name(), () -> measure(subject));
    }
    for (OperationPlan.Place place : operations.places()) {
      attempt("operations on " + place.device(), () -> measure(place));
    }
  }

  /** What fails is told, and the rest goes on. */
  private void attempt(String what, Work work) {
    if (stop.getAsBoolean()) {
      return;
    }
    try {
      work.run();
    } catch (InputException | DeviceException | IOException | OutOfMemoryError e) {
      synchronized (this) {
        failures.add(new Run.Failed(what, String.valueOf(e.getMessage())));
      }
      listener.failed(what, e);
    }
  }

  private int speeds() {
    return plan.depths().size()
        * (plan.prompts().size() + plan.generations().size() * plan.sequences().size());
  }

  /** Limits, load, speeds, profile. */
  private int stepsOfAnEngine() {
    return 3 + speeds();
  }

  private int stepsOfASubject() {
    return 1 + plan.devices().size() * plan.threads().size() * stepsOfAnEngine();
  }

  private void next(String what) {
    int all = plan.subjects().size() * stepsOfASubject() + operations.steps();
    listener.next(what, done++, all);
  }

  private void measure(Subject subject) throws IOException {
    int end = done + stepsOfASubject();
    try (Arena arena = Arena.ofShared()) {
      next("opening " + subject.name());
      Model model = subject.open(arena);
      Weights weights = Weights.of(model);
      String hash = Weights.hash(model);
      synchronized (this) {
        models.put(subject.name() + " " + weights.typeName(), hash);
      }
      for (String device : plan.devices()) {
        for (int threads : plan.threads()) {
          int engineEnd = done + stepsOfAnEngine();
          attempt(
              "%s %s on %s".formatted(subject.name(), weights.typeName(), device),
              () -> measure(subject, model, weights, device, threads));
          done = engineEnd;
        }
      }
    } finally {
      done = end;
    }
  }

  private void measure(Subject subject, Model model, Weights weights, String device, int threads) {
    EngineOptions options = base.withThreads(threads);
    Setting setting =
        new Setting(
            subject.name(),
            model.config().title(),
            weights.typeName(),
            weights.bytes(),
            weights.parameters(),
            device,
            cores(options));
    Limits limit = limits(device, options);
    next("load on " + device);
    Memory.forgetPeak();
    long start = System.nanoTime();
    try (Engine engine = Backends.open(model, device, options)) {
      double load = Repetitions.secondsSince(start);
      Speeds speeds = new Speeds(engine, weights, setting, limit, plan, stop);
      add(speeds.single("load", "s", load, Map.of()));
      add(speeds.firstToken());
      measure(speeds, device);
      if (stop.getAsBoolean()) {
        return;
      }
      add(speeds.single("memory", "MiB", Memory.peak() / 1048576.0, Map.of()));
      if (engine.profile().isEmpty()) {
        return;
      }
    }
    next("profile of " + device);
    try (Engine engine = Backends.open(model, device, options)) {
      Speeds speeds = new Speeds(engine, weights, setting, limit, plan, stop);
      new Profile(engine, speeds, plan).measure().forEach(this::add);
    }
  }

  private void measure(Speeds speeds, String device) {
    for (int depth : plan.depths()) {
      for (int prompt : plan.prompts()) {
        next("%s on %s".formatted(Measurement.Test.prefill(prompt, depth).name(), device));
        speeds.prefill(prompt, depth).ifPresent(this::add);
      }
      for (int generated : plan.generations()) {
        for (int sequences : plan.sequences()) {
          next(
              "%s on %s"
                  .formatted(Measurement.Test.decode(generated, sequences, depth).name(), device));
          speeds.decode(generated, sequences, depth).ifPresent(this::add);
        }
      }
    }
  }

  private void measure(OperationPlan.Place place) {
    int end = done + place.steps();
    EngineOptions options = new EngineOptions(place.threads(), Optional.empty(), base.blas());
    Limits limit = limits(place.device(), options);
    for (OperationPlan.Item item : place.items()) {
      String what = "%s on %s".formatted(item, place.device());
      next(what);
      attempt(
          what,
          () -> {
            try (Arena arena = Arena.ofShared()) {
              OperationModel model =
                  OperationModel.of(item.operation(), item.like(), item.type(), arena);
              new OperationRates(plan, stop)
                  .measure(item.operation(), model, limit, options)
                  .forEach(this::add);
            }
          });
    }
    done = end;
  }

  private static int cores(EngineOptions options) {
    return options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
  }

  private void add(Measurement measurement) {
    synchronized (this) {
      measurements.add(measurement);
    }
    listener.measured(measurement);
  }

  /**
   * Of one device, beside each engine anew, as machines that others use change; several devices
   * have no common limit that is worth the name.
   */
  private Limits limits(String device, EngineOptions options) {
    next("what %s would allow".formatted(device));
    Optional<Limits> measured =
        Backends.limits(device, options).map(its -> Limits.of(device, cores(options), its));
    synchronized (this) {
      measured.ifPresent(limits::add);
    }
    return measured.orElse(Limits.unknown(device, cores(options)));
  }
}
