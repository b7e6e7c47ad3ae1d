package aviary.bench;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Measures one engine. As llama-bench does, each number begins with runs that are not counted, and
 * is measured several times.
 */
final class Speeds {

  /** Tokens that are run together to bring a sequence to a depth. */
  private static final int PIECE = 512;

  private final Engine engine;
  private final String name;
  private final Model model;
  private final int threads;
  private final Limits limits;
  private final int repetitions;
  private final double warmUpSeconds;
  private final BooleanSupplier stop;
  private final Random random = new Random(1);

  Speeds(
      Engine engine,
      String name,
      Model model,
      int threads,
      Limits limits,
      Plan plan,
      BooleanSupplier stop) {
    this.engine = engine;
    this.name = name;
    this.model = model;
    this.threads = threads;
    this.limits = limits;
    repetitions = plan.repetitions();
    warmUpSeconds = plan.warmUp();
    this.stop = stop;
  }

  /** A number that is measured once. */
  Measurement single(String test, String unit, double number, Map<String, Double> details) {
    return measurement(test, 0, 0, 1, 0, unit, List.of(number), 0, "", details);
  }

  /** Seconds from a prompt of one token to the most likely next one, of an engine just opened. */
  Measurement firstToken() {
    long start = System.nanoTime();
    try (State state = engine.newState()) {
      engine.forward(Batch.of(Sequence.last(state, token()))).argmax(0);
    }
    return single("first token", "s", (System.nanoTime() - start) / 1e9, Map.of());
  }

  /** Runs a prompt of a new sequence. */
  void run(int prompt) {
    try (State state = engine.newState()) {
      engine.forward(Batch.of(Sequence.last(state, tokens(prompt)))).argmax(0);
    }
  }

  /** Runs some tokens of a sequence, one after the other. */
  void generate(State state, int count) {
    int next = token();
    for (int i = 0; i < count; i++) {
      next = engine.forward(Batch.of(Sequence.last(state, next))).argmax(0);
    }
  }

  /** Tokens a second of a prompt, with the logits after its last token. */
  Optional<Measurement> prefill(int prompt, int depth) {
    int[] tokens = tokens(prompt);
    List<Double> samples = new ArrayList<>();
    WarmUp warmUp = new WarmUp();
    while (samples.size() < repetitions && !stop.getAsBoolean()) {
      try (State state = deep(depth)) {
        long start = System.nanoTime();
        engine.forward(Batch.of(Sequence.last(state, tokens))).argmax(0);
        warmUp.count(samples, prompt / seconds(start));
      }
    }
    return measured("pp" + prompt, prompt, 0, 1, depth, samples, limit(prompt, 1.0 / prompt));
  }

  /** Tokens a second, of all sequences together, each with the most likely one as the next. */
  Optional<Measurement> decode(int generated, int sequences, int depth) {
    List<Double> samples = new ArrayList<>();
    WarmUp warmUp = new WarmUp();
    while (samples.size() < repetitions && !stop.getAsBoolean()) {
      List<State> states = IntStream.range(0, sequences).mapToObj(_ -> deep(depth)).toList();
      int[] next = tokens(sequences);
      long start = System.nanoTime();
      for (int i = 0; i < generated; i++) {
        int[] now = next.clone();
        Logits logits =
            engine.forward(
                new Batch(
                    IntStream.range(0, sequences)
                        .mapToObj(s -> Sequence.last(states.get(s), now[s]))
                        .toList()));
        for (int s = 0; s < sequences; s++) {
          next[s] = logits.argmax(s);
        }
      }
      warmUp.count(samples, (double) generated * sequences / seconds(start));
      states.forEach(State::close);
    }
    String test = "tg" + generated + (sequences > 1 ? "x" + sequences : "");
    return measured(test, 0, generated, sequences, depth, samples, limit(sequences, 1));
  }

  /** Tokens a second that a device would allow, and what of it bounds them. */
  private record Limit(double rate, String bound) {}

  /**
   * What would be reached if the weights were read once for so many tokens and nothing else took
   * time, or if only the matrices' multiplications did. States are left out: they are small but for
   * many sequences.
   */
  private Limit limit(int tokens, double logitsPerToken) {
    double byMemory = limits.bytesPerSecond() * tokens / Weights.Bytes.of(model).read();
    double byFlops = limits.flopsPerSecond() / Weights.operations(model, logitsPerToken);
    if (byMemory == 0 || byFlops == 0) {
      return new Limit(0, "");
    }
    return byMemory <= byFlops
        ? new Limit(byMemory, "memory")
        : new Limit(byFlops, "multiplications");
  }

  /** Runs are not counted before the compilers have had some time, and the first never is. */
  private final class WarmUp {
    private final long start = System.nanoTime();
    private boolean isOver;

    void count(List<Double> samples, double sample) {
      // What was stopped on the way to its depth was not what it says.
      if (isOver && !stop.getAsBoolean()) {
        samples.add(sample);
      }
      isOver |= seconds(start) >= warmUpSeconds;
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private Optional<Measurement> measured(
      String test,
      int prompt,
      int generated,
      int sequences,
      int depth,
      List<Double> samples,
      Limit limit) {
    if (samples.isEmpty()) {
      return Optional.empty();
    }
    String whole = depth > 0 ? test + "@d" + depth : test;
    return Optional.of(
        measurement(
            whole,
            prompt,
            generated,
            sequences,
            depth,
            "t/s",
            samples,
            limit.rate,
            limit.bound,
            Map.of()));
  }

  private Measurement measurement(
      String test,
      int prompt,
      int generated,
      int sequences,
      int depth,
      String unit,
      List<Double> samples,
      double limit,
      String bound,
      Map<String, Double> details) {
    return new Measurement(
        name,
        model.config().title(),
        Weights.type(model),
        Weights.Bytes.of(model).all(),
        Weights.parameters(model),
        engine.device(),
        threads,
        test,
        prompt,
        generated,
        sequences,
        depth,
        unit,
        List.copyOf(samples),
        limit,
        bound,
        details);
  }

  private State deep(int depth) {
    State state = engine.newState();
    for (int left = depth; left > 0 && !stop.getAsBoolean(); left -= PIECE) {
      engine.forward(Batch.of(Sequence.silent(state, tokens(Math.min(left, PIECE)))));
    }
    return state;
  }

  private int token() {
    return random.nextInt(model.config().vocabulary());
  }

  private int[] tokens(int count) {
    return random.ints(count, 0, model.config().vocabulary()).toArray();
  }
}
