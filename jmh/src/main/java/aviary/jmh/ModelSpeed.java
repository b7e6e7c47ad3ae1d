package aviary.jmh;

import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelFiles;
import aviary.model.PublishedShapes;
import aviary.model.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens a second of a model on a device, and beside them the tokens a second that this machine
 * would reach if a token took no more than reading the weights: {@code decode} divided by {@code
 * readWeights} is the share of the memory's limit.
 */
@org.openjdk.jmh.annotations.State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 10, time = 2)
public class ModelSpeed {
  private static final int PROMPT = 256;

  /** The model's file; without one, random weights of finch-0.4b in BF16. */
  @Param({""})
  public String model;

  /** The device to run on. */
  @Param({"cpu"})
  public String device;

  /** Threads, or 0 for one a core. */
  @Param({"0"})
  public int threads;

  private Arena arena;
  private Engine engine;
  private State state;
  private WeightReader reader;
  private int token;
  private int[] prompt;

  /** Opens the model. */
  @Setup
  public void open() throws IOException {
    arena = Arena.ofShared();
    Model opened =
        model.isEmpty()
            ? new InitialWeights(PublishedShapes.find("finch-0.4b").config(), 1)
                .model(WeightType.BF16, arena)
            : ModelFiles.open(Path.of(model), arena);
    int cores = Runtime.getRuntime().availableProcessors();
    engine = Backends.open(opened, device, new EngineOptions(threads));
    state = engine.newState();
    reader = new WeightReader(opened, threads == 0 ? cores : threads);
    prompt = new Random(1).ints(PROMPT, 0, opened.config().vocabulary()).toArray();
  }

  /** Frees it. */
  @TearDown
  public void close() {
    reader.close();
    state.close();
    engine.close();
    arena.close();
  }

  /** One token after the other, the most likely one each time. */
  @Benchmark
  public int decode() {
    Logits logits = engine.forward(Batch.of(Sequence.last(state, token)));
    token = logits.argmax(0);
    return token;
  }

  /** The tokens of a prompt, with the logits after the last. */
  @Benchmark
  @OperationsPerInvocation(PROMPT)
  public int prefill() {
    try (State fresh = engine.newState()) {
      return engine.forward(Batch.of(Sequence.last(fresh, prompt))).argmax(0);
    }
  }

  /** Reads, with as many threads, the weights that a token of {@code decode} reads. */
  @Benchmark
  public long readWeights() {
    return reader.read();
  }
}
