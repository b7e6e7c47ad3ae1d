package aviary.bench;

import aviary.bench.Measurement.Setting;
import aviary.bench.Measurement.Test;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import java.util.LinkedHashMap;
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

  private static final double MEBIBYTE = 1 << 20;

  /** The details of {@link #memory} that make up its number. */
  static final String WEIGHTS = "weights_mib";

  static final String ENGINE = "engine_mib";
  static final String STATES = "states_mib";

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

  /**
   * The memory that the model takes, in MiB: its weights, what the engine has allocated beside
   * them, and states. What the JVM takes for itself and for other work is not in it; the most that
   * the whole process had is a detail.
   *
   * @param states how many there were side by side
   */
  Measurement memory(int states) {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put(WEIGHTS, weights.bytes() / MEBIBYTE);
    parts.put(ENGINE, engine.allocatedBytes() / MEBIBYTE);
    parts.put(STATES, states * Float.BYTES * engine.config().stateElements() / MEBIBYTE);
    double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
    parts.put("process_peak_mib", Memory.peak() / MEBIBYTE);
    return single("memory", "MiB", sum, parts);
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
      run(state, tokens(prompt), generated);
    }
  }

  private void run(State state, int[] prompt, int generated) {
    int next = engine.forward(Batch.of(Sequence.last(state, prompt))).argmax(0);
    for (int i = 0; i < generated && !stop.getAsBoolean(); i++) {
      next = engine.forward(Batch.of(Sequence.last(state, next))).argmax(0);
    }
  }

  /**
   * Tokens a second, the tokens of a prompt and those generated both counted, of all sequences
   * together. The logits after a prompt's last token are part of it; each generated token is the
   * most likely one.
   *
   * @return empty if stopped before there was a number
   */
  Optional<Measurement> measure(Test test) {
    int[] prompt = tokens(test.prompt());
    List<Double> samples;
    MachineLoad load = MachineLoad.watch();
    try (State deep = deep(test.depth())) {
      samples =
          new Repetitions(plan.warmUp(), plan.repetitions(), stop)
              .measure(() -> {
                List<State> states =
                    IntStream.range(0, test.sequences()).mapToObj(_ -> deep.fork()).toList();
                try {
                  long start = System.nanoTime();
                  if (test.isDecode()) {
                    generate(states, test.generated());
                  } else {
                    run(states.getFirst(), prompt, test.generated());
                  }
                  return test.tokens() / Repetitions.secondsSince(start);
                } finally {
                  states.forEach(State::close);
                }
              });
    }
    return samples.isEmpty() ? Optional.empty() : Optional.of(measured(test, samples, load.seen()));
  }

  private Measurement measured(Test test, List<Double> samples, Map<String, Double> load) {
    DecodeLimits decode = decodeLimits(test.sequences());
    double prefillSeconds = test.prompt() > 0 ? test.prompt() / prefillLimit(test.prompt()) : 0;
    double generated = (double) test.generated() * test.sequences();
    double decodeSeconds = generated > 0 ? generated / decode.least() : 0;
    double limit = test.tokens() / (prefillSeconds + decodeSeconds);
    String bound = prefillSeconds > decodeSeconds ? "multiplications" : decode.bound();
    boolean known = Double.isFinite(limit) && limit > 0;
    return new Measurement(
        setting, test, Measurement.TOKENS, samples, known ? limit : 0, known ? bound : "", load);
  }

  private double prefillLimit(int prompt) {
    return limits.flopsPerSecond() / weights.flops(1.0 / prompt);
  }

  /** Tokens a second that the device would allow, by what it reads and by what it multiplies. */
  private record DecodeLimits(double byMemory, double byFlops) {
    double least() {
      return Math.min(byMemory, byFlops);
    }

    String bound() {
      return byMemory <= byFlops ? "memory" : "multiplications";
    }
  }

  /** Weights are read once for all sequences; then multiplying may be what takes longest. */
  private DecodeLimits decodeLimits(int sequences) {
    return new DecodeLimits(
        limits.bytesPerSecond() * sequences / weights.readBytes(),
        limits.flopsPerSecond() / weights.flops(1));
  }

  private void generate(List<State> states, int generated) {
    int[] next = tokens(states.size());
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
