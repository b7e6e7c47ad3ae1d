package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.StagedEngine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.kernels.PassTable;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What an engine has its device do, and what it sends there. */
@TestInstance(Lifecycle.PER_CLASS)
class EngineWorkTest {
  private static final int VOCABULARY = 67;
  private static final int LAYERS = 3;
  private static final int WIDTH = 24;

  private static final IntArray PASS = new IntArray(PassTable.SIZE);
  private static final IntArray BEST = new IntArray(DeviceProgram.MOST_WANTED);
  private static final FloatArray LOGITS = new FloatArray(VOCABULARY);

  /** For each launch TornadoVM sends where its arguments are; one array of weights is more. */
  private static final long MOST_IN_A_LAUNCH = 64;

  private final RandomModel random = finch(LAYERS);
  private TornadoStage device;
  private Engine engine;
  private State state;

  private static RandomModel finch(int layers) {
    ModelConfig config =
        new ModelConfig(
            Architecture.FINCH,
            layers,
            WIDTH,
            3,
            WIDTH / 3,
            84,
            VOCABULARY,
            5,
            7,
            8,
            true,
            DecayForm.PER_CHANNEL);
    return new RandomModel(config, WeightType.F32, DType.F32, true, 7);
  }

  /** One engine for all tests, as it compiles its kernels. */
  @BeforeAll
  void open() {
    Model model = random.model();
    device = stage(model, Layers.all(LAYERS));
    device.startProfile();
    engine = new StagedEngine(model, List.of(device));
  }

  @AfterAll
  void close() {
    engine.close();
  }

  @BeforeEach
  void newState() {
    state = engine.newState();
  }

  private static TornadoStage stage(Model model, Layers layers) {
    TornadoDevice device = TornadoDevices.find(OneKernel.DEVICE);
    return new TornadoStage(model, layers, OneKernel.DEVICE, device);
  }

  /** The layer's counter, the embedding and its norm; a layer's launches and its counter. */
  private static final int LAUNCHES = 3 + LAYERS * 14;

  /** For many rows each of a layer's 7 products takes a transposition more. */
  private static final int LAUNCHES_OF_MANY = LAUNCHES + LAYERS * 7;

  /** The rows that are wanted, their norm, the head and the greatest of the logits. */
  private static final int LAUNCHES_FOR_LOGITS = 4;

  /** What a step cost. */
  private record Cost(long launches, long in, long out, long measuredIn, long measuredOut) {
    static Cost of(DeviceCost cost) {
      return new Cost(
          cost.launches(), cost.bytesIn(), cost.bytesOut(), cost.measuredIn(), cost.measuredOut());
    }
  }

  /** Fails unless a step costs that, by the engine's count and the profiler's. */
  private void assertCosts(
      int launches, List<TornadoNativeArray> in, List<TornadoNativeArray> out, Runnable step) {
    Cost before = Cost.of(device.cost());
    long timeBefore = device.cost().kernelTime();
    step.run();
    Cost after = Cost.of(device.cost());
    assertEquals(launches, after.launches() - before.launches(), "launches");
    assertEquals(bytes(in), after.in() - before.in(), "bytes in");
    assertEquals(bytes(out), after.out() - before.out(), "bytes out");
    assertEquals(bytesWithHeaders(out), after.measuredOut() - before.measuredOut(), "measured out");
    long measuredIn = after.measuredIn() - before.measuredIn();
    long least = bytesWithHeaders(in);
    assertTrue(measuredIn >= least, () -> measuredIn + " bytes measured in");
    assertTrue(
        measuredIn <= least + MOST_IN_A_LAUNCH * launches, () -> measuredIn + " bytes measured in");
    assertEquals(launches > 0, device.cost().kernelTime() > timeBefore, "the device was at work");
  }

  private static long bytes(List<TornadoNativeArray> arrays) {
    return arrays.stream().mapToLong(TornadoNativeArray::getNumBytesOfSegment).sum();
  }

  private static long bytesWithHeaders(List<TornadoNativeArray> arrays) {
    return arrays.stream().mapToLong(TornadoNativeArray::getNumBytesOfSegmentWithHeader).sum();
  }

  private Logits run(int[] tokens, int wanted) {
    return engine.forward(Batch.of(Sequence.tail(state, tokens, wanted)));
  }

  /** The first step of a sequence brings its state there, too. */
  private void begin() {
    run(random.tokens(1), 0);
  }

  @Test
  void aTokenGoesInAndTheMostLikelyOneComesOut() {
    begin();
    int launches = LAUNCHES + LAUNCHES_FOR_LOGITS;
    for (int i = 0; i < 3; i++) {
      assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(1), 1).argmax(0));
    }
  }

  @Test
  void tokensWithoutWantedLogitsCostNoHead() {
    begin();
    assertCosts(LAUNCHES, List.of(PASS), List.of(), () -> run(random.tokens(1), 0));
    assertCosts(LAUNCHES_OF_MANY, List.of(PASS), List.of(), () -> run(random.tokens(9), 0));
  }

  @Test
  void manyTokensCostOnePass() {
    begin();
    int launches = LAUNCHES_OF_MANY + LAUNCHES_FOR_LOGITS;
    assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(64), 1));
    assertCosts(launches + 1, List.of(PASS), List.of(BEST), () -> run(random.tokens(9), 5));
  }

  @Test
  void logitsComeWhenTheyAreAskedFor() {
    Logits logits = run(random.tokens(3), 2);
    logits.row(0);
    assertCosts(1, List.of(PASS), List.of(LOGITS), () -> logits.row(1));
    assertCosts(0, List.of(), List.of(), () -> logits.argmax(1));
  }

  @Test
  void aStateGoesInAndOutOnce() {
    FloatArray numbers =
        new FloatArray(2 * LAYERS * WIDTH + LAYERS * WIDTH * random.config().headSize());
    assertCosts(LAUNCHES + 1, List.of(PASS, numbers, PASS), List.of(), this::begin);
    assertCosts(LAUNCHES, List.of(PASS), List.of(), this::begin);
    state.read();
    assertCosts(1, List.of(PASS), List.of(numbers), state::read);
  }

  /** Of one token a row of D floats goes from the first layers to the last, and no more. */
  @Test
  void oneRowATokenGoesBetweenStages() {
    Model model = random.model();
    TornadoStage first = stage(model, new Layers(0, 1, LAYERS));
    TornadoStage last = stage(model, new Layers(1, 2, LAYERS));
    try (Engine split = new StagedEngine(model, List.of(first, last))) {
      State its = split.newState();
      int[] tokens = random.tokens(2);
      split.forward(Batch.of(Sequence.silent(its, tokens[0])));
      long in = last.cost().bytesIn();
      long out = first.cost().bytesOut();
      split.forward(Batch.of(Sequence.silent(its, tokens[1])));
      assertEquals(WIDTH * Float.BYTES, first.cost().bytesOut() - out);
      assertEquals(bytes(List.of(PASS)) + WIDTH * Float.BYTES, last.cost().bytesIn() - in);
    }
  }

  @Test
  void manyLayersAreTheTasksOfFew() {
    assertEquals(tasks(2), tasks(24));
  }

  /** What there is to compile for a model. */
  private static int tasks(int layers) {
    DeviceTraits any = new DeviceTraits(Long.MAX_VALUE, Long.MAX_VALUE, false, Form.PLAIN, 4);
    DeviceModel device =
        new DeviceModel(finch(layers).model(), Layers.all(layers), OneKernel.DEVICE, any);
    return new Graphs(device, new TaskGrids()).all().stream().mapToInt(Graph::launches).sum();
  }
}
