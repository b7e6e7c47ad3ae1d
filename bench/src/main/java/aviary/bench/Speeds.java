package aviary.bench;

import aviary.bench.Measurement.Setting;
import aviary.bench.Measurement.Test;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Measures one engine. */
final class Speeds {

  /** Tokens that are run together to bring a sequence to a depth. */
  private static final int PIECE = 512;

  private final Engine engine;
  private final int vocabulary;
  private final Weights weights;
  private final Setting setting;
  private final Limits limits;
  private final Plan plan;
  private final BooleanSupplier stop;
  private final Random random = new Random(1);

  /**
   * @param weights of the engine's model
   * @param setting what results say that was measured
   * @param stop asked again and again whether to end
   */
  Speeds(
      Engine engine,
      Weights weights,
      Setting setting,
      Limits limits,
      Plan plan,
      BooleanSupplier stop) {
    this.engine = engine;
    this.vocabulary = engine.config().vocabulary();
    this.weights = weights;
    this.setting = setting;
    this.limits = limits;
    this.plan = plan;
    this.stop = stop;
  }

  /** A number that is measured once. */
  Measurement single(String test, String unit, double number, Map<String, Double> details) {
    return new Measurement(setting, Test.named(test), unit, List.of(number), 0, "", details);
  }

  /** Seconds from a prompt of one token to the most likely next one, of an engine just opened. */
  Measurement firstToken() {
    long start = System.nanoTime();
    run(1, 0);
    return single("first token", "s", Repetitions.secondsSince(start), Map.of());
  }

  /** Runs a prompt and then some tokens of a new sequence. */
  void run(int prompt, int generated) {
    try (State state = engine.newState()) {
      int next = engine.forward(Batch.of(Sequence.last(state, tokens(prompt)))).argmax(0);
      for (int i = 0; i < generated; i++) {
        next = engine.forward(Batch.of(Sequence.last(state, next))).argmax(0);
      }
    }
  }

  /** Tokens a second of a prompt, with the logits after its last token; empty if stopped before. */
  Optional<Measurement> prefill(int prompt, int depth) {
    int[] tokens = tokens(prompt);
    List<Double> samples;
    try (State deep = deep(depth)) {
      samples =
          new Repetitions(plan.warmUp(), plan.repetitions(), stop)
              .measure(() -> {
                try (State state = deep.fork()) {
                  long start = System.nanoTime();
                  engine.forward(Batch.of(Sequence.last(state, tokens))).argmax(0);
                  return prompt / Repetitions.secondsSince(start);
                }
              });
    }
    double limit = limits.flopsPerSecond() / weights.flops(1.0 / prompt);
    return measured(Test.prefill(prompt, depth), samples, limit, "multiplications");
  }

  /**
   * Tokens a second, of all sequences together, each with the most likely one as the next; empty if
   * stopped before.
   */
  Optional<Measurement> decode(int generated, int sequences, int depth) {
    List<Double> samples;
    try (State deep = deep(depth)) {
      samples =
          new Repetitions(plan.warmUp(), plan.repetitions(), stop)
              .measure(() -> {
                List<State> states =
                    IntStream.range(0, sequences).mapToObj(_ -> deep.fork()).toList();
                try {
                  return generate(states, generated);
                } finally {
                  states.forEach(State::close);
                }
              });
    }
    // Weights are read once for all sequences; then multiplying may be what takes longest.
    double byMemory = limits.bytesPerSecond() * sequences / weights.readBytes();
    double byFlops = limits.flopsPerSecond() / weights.flops(1);
    return measured(
        Test.decode(generated, sequences, depth),
        samples,
        Math.min(byMemory, byFlops),
        byMemory <= byFlops ? "memory" : "multiplications");
  }

  private double generate(List<State> states, int generated) {
    int[] next = tokens(states.size());
    long start = System.nanoTime();
    // What is stopped is not counted.
    for (int i = 0; i < generated && !stop.getAsBoolean(); i++) {
      int[] now = next.clone();
      Logits logits =
          engine.forward(
              new Batch(
                  IntStream.range(0, now.length)
                      .mapToObj(s -> Sequence.last(states.get(s), now[s]))
                      .toList()));
      for (int s = 0; s < next.length; s++) {
        next[s] = logits.argmax(s);
      }
    }
    return (double) generated * states.size() / Repetitions.secondsSince(start);
  }

  private Optional<Measurement> measured(
      Test test, List<Double> samples, double limit, String bound) {
    return samples.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Measurement(
                setting,
                test,
                Measurement.TOKENS,
                samples,
                limit,
                limit > 0 ? bound : "",
                Map.of()));
  }

  /** A sequence that has seen so many tokens. */
  private State deep(int depth) {
    State state = engine.newState();
    for (int left = depth; left > 0 && !stop.getAsBoolean(); left -= PIECE) {
      engine.forward(Batch.of(Sequence.silent(state, tokens(Math.min(left, PIECE)))));
    }
    return state;
  }

  private int[] tokens(int count) {
    return random.ints(count, 0, vocabulary).toArray();
  }
}
