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
import aviary.tornado.Matrices.Kind;
import aviary.tornado.kernels.PassTable;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
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

  private static final Layers ALL = Layers.all(LAYERS);

  private final RandomModel random = finch(LAYERS);
  private final DeviceProgram program =
      new DeviceProgram(random.model(), ALL, _ -> Kind.F32, Long.MAX_VALUE);
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
    device = new TornadoStage(model, ALL, OneKernel.DEVICE, TornadoDevices.find(OneKernel.DEVICE));
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

  /**
   * The launches that bring a token, or tokens, through the layers: the layer is counted, and each
   * product of many rows has its activations transposed before.
   */
  private long launches(boolean one) {
    int layer = program.layer.size() + (one ? 0 : DeviceProgram.products(program.layer).size());
    return program.start.size() + LAYERS * (layer + 1L);
  }

  /** Those from there to logits and the greatest of them. */
  private long launchesForLogits(boolean one) {
    int end = program.end.size() + (one ? 0 : DeviceProgram.products(program.end).size());
    return end + 1L;
  }

  /** What a step cost. */
  private record Cost(long launches, long in, long out, long measuredIn, long measuredOut) {
    static Cost of(DeviceCost cost) {
      return new Cost(
          cost.launches(), cost.bytesIn(), cost.bytesOut(), cost.measuredIn(), cost.measuredOut());
    }
  }

  /** Fails unless a step costs that, by the engine's count and the profiler's. */
  private void assertCosts(
      long launches, List<TornadoNativeArray> in, List<TornadoNativeArray> out, Runnable step) {
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
    long launches = launches(true) + launchesForLogits(true);
    for (int i = 0; i < 3; i++) {
      assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(1), 1).argmax(0));
    }
  }

  @Test
  void tokensWithoutWantedLogitsCostNoHead() {
    begin();
    assertCosts(launches(true), List.of(PASS), List.of(), () -> run(random.tokens(1), 0));
    assertCosts(launches(false), List.of(PASS), List.of(), () -> run(random.tokens(9), 0));
  }

  @Test
  void manyTokensCostOnePass() {
    begin();
    assertCosts(
        launches(false) + launchesForLogits(true),
        List.of(PASS),
        List.of(BEST),
        () -> run(random.tokens(64), 1));
    assertCosts(
        launches(false) + launchesForLogits(false),
        List.of(PASS),
        List.of(BEST),
        () -> run(random.tokens(9), 5));
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
    assertCosts(launches(true) + 1, List.of(PASS, numbers, PASS), List.of(), this::begin);
    assertCosts(launches(true), List.of(PASS), List.of(), this::begin);
    state.read();
    assertCosts(1, List.of(PASS), List.of(numbers), state::read);
  }

  @Test
  void manyLayersAreTheTasksOfFew() {
    assertEquals(tasks(2), tasks(24));
  }

  /** What there is to compile for a model. */
  private static int tasks(int layers) {
    DeviceTraits traits = DeviceTraits.of(TornadoDevices.find(OneKernel.DEVICE));
    DeviceModel device =
        new DeviceModel(
            finch(layers).model(),
            Layers.all(layers),
            OneKernel.DEVICE,
            traits,
            DeviceModel.mostElements(traits));
    return new Graphs(device, new TaskGrids()).all().stream().mapToInt(Graph::launches).sum();
  }
}
