package aviary.bench;

import aviary.bench.Measurement.Setting;
import aviary.bench.Measurement.Test;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** How fast a device does one operation of a model. */
final class OperationRates {

  /** Rows of activations that are run together: as in decode, and as in prefill. */
  static final List<Integer> ROWS = List.of(1, 256);

  /** Operations are compiled sooner than models. */
  private static final double MOST_WARM_UP = 0.5;

  /** What a clock measures well. */
  private static final double SECONDS = 0.05;

  private final Plan plan;
  private final BooleanSupplier stop;

  OperationRates(Plan plan, BooleanSupplier stop) {
    this.plan = plan;
    this.stop = stop;
  }

  /**
   * Measures an operation with each number of rows.
   *
   * @param limits of the device
   * @param options how to run it
   * @return fewer if stopped before
   */
  List<Measurement> measure(
      Operation operation, OperationModel model, Limits limits, EngineOptions options) {
    try (Engine engine = Backends.open(model.model(), limits.device(), options)) {
      Weights weights = Weights.of(model.model());
      Setting setting =
          new Setting(
              "%s of %d".formatted(operation.title(), engine.config().width()),
              engine.config().title(),
              Weights.name(model.dtype()),
              weights.bytes(),
              weights.parameters(),
              limits.device(),
              limits.threads());
      return ROWS.stream()
          .flatMap(rows -> rate(engine, model, setting, limits, rows).stream())
          .toList();
    }
  }

  private Optional<Measurement> rate(
      Engine engine, OperationModel model, Setting setting, Limits limits, int rows) {
    int vocabulary = engine.config().vocabulary();
    int[] tokens = new Random(1).ints(rows, 0, vocabulary).toArray();
    double warmUp = Math.min(plan.warmUp(), MOST_WARM_UP);
    List<Double> passes;
    try (State state = engine.newState()) {
      passes =
          new Repetitions(warmUp, plan.repetitions(), stop)
              .measure(() -> passesPerSecond(engine, state, tokens));
    }
    if (passes.isEmpty()) {
      return Optional.empty();
    }
    boolean known = limits.bytesPerSecond() > 0;
    boolean memory =
        model.flops(rows) == 0
            || (known
                ? model.bytes(rows) / limits.bytesPerSecond()
                    >= model.flops(rows) / limits.flopsPerSecond()
                : rows == 1);
    double billions = (memory ? model.bytes(rows) : model.flops(rows)) / 1e9;
    double limit = (memory ? limits.bytesPerSecond() : limits.flopsPerSecond()) / 1e9;
    return Optional.of(
        new Measurement(
            setting,
            new Test(rows == 1 ? "1 row" : rows + " rows", rows, 0, 1, 0, 0),
            memory ? Measurement.BYTES : Measurement.FLOPS,
            passes.stream().map(rate -> rate * billions).toList(),
            limit,
            limit == 0 ? "" : memory ? "memory" : "multiplications",
            Map.of()));
  }

  private double passesPerSecond(Engine engine, State state, int[] tokens) {
    long start = System.nanoTime();
    double seconds = 0;
    int passes = 0;
    while (seconds < SECONDS && !stop.getAsBoolean()) {
      engine.forward(Batch.of(Sequence.last(state, tokens))).argmax(0);
      passes++;
      seconds = Repetitions.secondsSince(start);
    }
    return passes / seconds;
  }
}
