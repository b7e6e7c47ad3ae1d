package aviary.bench;

import aviary.InputException;
import aviary.bench.Measurement.Setting;
import aviary.bench.Measurement.Test;
import aviary.engine.Backends;
import aviary.engine.DeviceException;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.HostCores;
import aviary.model.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Measures models on devices, and what the devices would allow. What was measured so far is there
 * at any time, and for any thread.
 */
public final class Bench {

  private interface Work {
    void run() throws IOException;
  }

  private final Plan plan;
  private final EngineOptions base;
  private final BooleanSupplier stop;
  private final List<Subject.Kind> kinds = new ArrayList<>();
  private final OperationPlan operations;
  private final Results results;
  private BenchListener listener;
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
    results = new Results(Environment.here(version, time, plan, base));
    for (Subject subject : plan.subjects()) {
      Subject.Kind kind = subject.check();
      plan.devices().forEach(device -> requireFits(subject.name(), kind, device));
      if (!plan.generations().isEmpty()) {
        int most = Collections.max(plan.sequences());
        kind.requireStatesFit(subject.name(), most, Runtime.getRuntime().maxMemory());
      }
      kinds.add(kind);
    }
    operations = OperationPlan.of(plan, base, kinds);
  }

  private void requireFits(String name, Subject.Kind kind, String device) {
    try {
      Backends.requireFits(kind.config(), kind.type(), device, base);
    } catch (InputException e) {
      throw new InputException(
          "%s in %s: %s".formatted(name, Weights.name(kind.type()), e.getMessage()), e);
    }
  }

  /** What prints results in columns that are wide enough for all of them. */
  public Tables tables() {
    Stream<String> models =
        Stream.concat(
            plan.subjects().stream().map(Subject::name),
            operations.places().stream()
                .flatMap(place -> place.items().stream())
                .map(OperationPlan.Item::name));
    Stream<String> tests =
        plan.tests().stream()
            .flatMap(test ->
                plan.beside() > 0 ? Stream.of(test, test.beside(plan.beside())) : Stream.of(test))
            .map(Test::name);
    Stream<String> profiled =
        plan.devices().stream().anyMatch(this::hasProfile)
            ? Profile.names(plan).stream()
            : Stream.empty();
    return new Tables(models.toList(), plan.devices(), Stream.concat(tests, profiled).toList());
  }

  /** What was measured so far. */
  public Run soFar() {
    return results.soFar();
  }

  /**
   * Measures all, or as much as there is time for; once.
   *
   * @param hears how it goes
   */
  public void run(BenchListener hears) {
    listener = hears;
    for (Subject subject : plan.subjects()) {
      attempt(subject.name(), () -> measure(subject));
    }
    for (OperationPlan.Place place : operations.places()) {
      attempt("operations on " + place.device(), () -> measure(place));
    }
    if (!stop.getAsBoolean()) {
      results.complete();
      listener.next("done", all(), all());
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
      results.addFailure(what, e);
      listener.failed(what, e);
    }
  }

  private int speeds() {
    return (plan.beside() > 0 ? 2 : 1) * plan.tests().size();
  }

  /** Limits, load, speeds, and of what has no part of the host's cores a profile. */
  private int stepsOfAnEngine(String device) {
    return 2 + speeds() + (hasProfile(device) ? 1 : 0);
  }

  private boolean hasProfile(String device) {
    return Backends.cores(device, base).isEmpty();
  }

  private int stepsOfASubject() {
    return 1
        + plan.devices().stream()
            .mapToInt(device -> plan.threadsOn(device, base).size() * stepsOfAnEngine(device))
            .sum();
  }

  private int all() {
    return plan.subjects().size() * stepsOfASubject() + operations.steps();
  }

  private void next(String what) {
    listener.next(what, done++, all());
  }

  private void measure(Subject subject) throws IOException {
    int end = done + stepsOfASubject();
    try (Arena arena = Arena.ofShared()) {
      next("opening " + subject.name());
      Model model = subject.open(arena);
      Weights weights = Weights.of(model);
      results.addModel(subject.name() + " " + weights.typeName(), Weights.hash(model));
      for (String device : plan.devices()) {
        for (int threads : plan.threadsOn(device, base)) {
          int engineEnd = done + stepsOfAnEngine(device);
          String what = "%s %s on %s".formatted(subject.name(), weights.typeName(), device);
          attempt(
              what,
              () -> {
                listener.begun(what);
                measure(subject, model, weights, device, threads);
              });
          done = engineEnd;
        }
      }
    } finally {
      done = end;
    }
  }

  private void measure(Subject subject, Model model, Weights weights, String device, int threads)
      throws IOException {
    EngineOptions options = base.withThreads(threads);
    Setting setting =
        new Setting(
            subject.name(),
            model.config().title(),
            weights.typeName(),
            weights.bytes(),
            weights.parameters(),
            device,
            cores(device, options));
    // A machine with little memory has room for the model, but not for as much again.
    Limits limit = limits(device, options, Math.min(weights.bytes(), Memory.all() / 4));
    next("load on " + device);
    Memory.forgetPeak();
    long start = System.nanoTime();
    try (Engine engine = Backends.open(model, device, options)) {
      double load = Repetitions.secondsSince(start);
      Speeds speeds = new Speeds(engine, weights, setting, limit, plan, stop);
      add(speeds.single("load", "s", load, Map.of()));
      add(speeds.firstToken());
      for (Test test : plan.tests()) {
        measure(test, speeds, device);
      }
      if (stop.getAsBoolean()) {
        return;
      }
      add(speeds.memory(mostStates()));
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

  /** The states that exist side by side at most, without the one that they are forked from. */
  private int mostStates() {
    return plan.generations().isEmpty() ? 1 : Collections.max(plan.sequences());
  }

  /** Measures a speed alone, and then beside a busy process if the plan has one. */
  private void measure(Test test, Speeds speeds, String device) throws IOException {
    next("%s on %s".formatted(test.name(), device));
    Optional<Measurement> quiet = speeds.measure(test);
    quiet.ifPresent(this::add);
    if (quiet.isEmpty() || plan.beside() == 0) {
      return;
    }
    next("%s on %s".formatted(test.beside(plan.beside()).name(), device));
    try (BusyProcess _ = BusyProcess.start(plan.beside())) {
      speeds.measure(test).ifPresent(busy -> add(quiet.get().beside(plan.beside(), busy)));
    }
  }

  private void measure(OperationPlan.Place place) {
    listener.begun("operations on " + place.device());
    int end = done + place.steps();
    EngineOptions options = new EngineOptions(place.threads(), Optional.empty(), base.blas());
    Limits limit = limits(place.device(), options, 0);
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

  /** The host's threads that an engine has. */
  private static int cores(String device, EngineOptions options) {
    return Backends.cores(device, options).map(HostCores::threads).orElse(0);
  }

  private void add(Measurement measurement) {
    results.add(measurement);
    listener.measured(measurement);
  }

  /**
   * Of one device, beside each engine anew, as machines that others use change; several devices
   * have no common limit that is worth the name.
   */
  private Limits limits(String device, EngineOptions options, long bytes) {
    next("what %s would allow".formatted(device));
    int threads = cores(device, options);
    Optional<Limits> measured =
        Backends.limits(device, options, bytes).map(its -> Limits.of(device, threads, its));
    measured.ifPresent(results::add);
    return measured.orElse(Limits.unknown(device, threads));
  }
}
