package aviary.jmh;

import aviary.bench.Operation;
import aviary.bench.OperationModel;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.DeviceLimits;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.State;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.model.WeightType;
import java.lang.foreign.Arena;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One operation on a device, for one row of activations or many: the bytes that it has to move
 * (GB/s), the operations that it does (GFLOP/s), and the larger of both as a part of what the
 * device would allow. What is around the operation, an embedding's row and a head of 64 tokens,
 * counts once for all of the model's layers.
 */
@org.openjdk.jmh.annotations.State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class OperationSpeed {
  private static final int VOCABULARY = 64;

  /** The operation. */
  @Param({"MATMUL", "WKV5", "WKV6", "DDLERP", "LAYER_NORM", "GROUP_NORM", "CHANNEL_MIX"})
  public Operation operation;

  /** D; those of the published models. */
  @Param({"1024", "2048", "2560", "4096"})
  public int width;

  /** The type of matrices. */
  @Param({"F32", "F16", "BF16", "Q8_0"})
  public WeightType dtype;

  /** Rows of activations that are run together. */
  @Param({"1", "256"})
  public int rows;

  /** The device to run on. */
  @Param({"cpu"})
  public String device;

  /** Threads, or 0 for one a core. */
  @Param({"0"})
  public int threads;

  private Arena arena;
  private OperationModel model;
  private Engine engine;
  private State state;
  private DeviceLimits limits;
  private int[] tokens;

  /** What a second of the benchmark did. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @org.openjdk.jmh.annotations.State(Scope.Thread)
  public static class Rates {

    /** Gigabytes of weights, states and activations. */
    public double gigabytes;

    /** Billions of floating-point operations. */
    public double gflop;

    /** Of the memory's limit or the multiplications', whichever is nearer. */
    public double shareOfLimit;

    /** Begins anew. */
    @Setup(Level.Iteration)
    public void clear() {
      gigabytes = 0;
      gflop = 0;
      shareOfLimit = 0;
    }
  }

  /** Makes the model. */
  @Setup
  public void open() {
    arena = Arena.ofShared();
    ModelShape shape =
        new ModelShape(Architecture.FINCH, 1, width, VOCABULARY, null, null, null, null);
    model = OperationModel.of(operation, shape.config(), dtype, arena);
    EngineOptions options = new EngineOptions(threads);
    limits =
        Backends.limits(device, options, 0)
            .orElse(new DeviceLimits(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY));
    engine = Backends.open(model.model(), device, options);
    state = engine.newState();
    tokens = new Random(1).ints(rows, 0, model.model().config().vocabulary()).toArray();
  }

  /** Frees it. */
  @TearDown
  public void close() {
    state.close();
    engine.close();
    arena.close();
  }

  /** All layers, once. */
  @Benchmark
  public int run(Rates rates) {
    int best = engine.forward(Batch.of(Sequence.last(state, tokens))).argmax(0);
    rates.gigabytes += model.bytes(rows) / 1e9;
    rates.gflop += model.flops(rows) / 1e9;
    rates.shareOfLimit +=
        Math.max(
            model.bytes(rows) / limits.bytesPerSecond(),
            model.flops(rows) / limits.flopsPerSecond());
    return best;
  }
}
