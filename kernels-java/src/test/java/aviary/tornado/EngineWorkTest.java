package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.StagedEngine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.Program;
import aviary.model.WeightType;
import aviary.safetensors.DType;
import aviary.tornado.DeviceModel.Limits;
import aviary.tornado.kernels.Pass;
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

  private static final IntArray PASS = new IntArray(Pass.SIZE);
  private static final IntArray BEST = new IntArray(DeviceModel.MOST_WANTED);
  private static final FloatArray LOGITS = new FloatArray(VOCABULARY);

  /** For each launch TornadoVM sends where its arguments are; one array of weights is more. */
  private static final long MOST_IN_A_LAUNCH = 64;

  private final RandomModel random = finch(LAYERS);
  private TornadoEngine device;
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
    device = new TornadoEngine(model, OneKernel.DEVICE, TornadoDevices.find(OneKernel.DEVICE));
    device.profile();
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

  /** The launches that bring a token, or tokens, through the layers. */
  private static int launches() {
    Program program = Program.of(finch(LAYERS).config());
    return 1 + program.start().size() + LAYERS * (program.layer().size() + 1);
  }

  /** Those from there to logits and the greatest of them. */
  private static int launchesForLogits() {
    return 1 + Program.of(finch(LAYERS).config()).end().size() + 1;
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
    int launches = launches() + launchesForLogits();
    for (int i = 0; i < 3; i++) {
      assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(1), 1).argmax(0));
    }
  }

  @Test
  void tokensWithoutWantedLogitsCostNoHead() {
    begin();
    assertCosts(launches(), List.of(PASS), List.of(), () -> run(random.tokens(1), 0));
    assertCosts(launches(), List.of(PASS), List.of(), () -> run(random.tokens(9), 0));
  }

  @Test
  void manyTokensCostOnePass() {
    begin();
    int launches = launches() + launchesForLogits();
    assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(64), 1));
    assertCosts(launches, List.of(PASS), List.of(BEST), () -> run(random.tokens(9), 5));
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
    assertCosts(launches() + 1, List.of(PASS, numbers, PASS), List.of(), this::begin);
    assertCosts(launches(), List.of(PASS), List.of(), this::begin);
    state.read();
    assertCosts(1, List.of(PASS), List.of(numbers), state::read);
  }

  @Test
  void manyLayersAreTheTasksOfFew() {
    assertEquals(tasks(2), tasks(24));
  }

  /** What there is to compile for a model. */
  private static int tasks(int layers) {
    DeviceModel device =
        new DeviceModel(
            finch(layers).model(), OneKernel.DEVICE, new Limits(Long.MAX_VALUE, Long.MAX_VALUE));
    return new Graphs(device, new TaskGrids()).all().stream().mapToInt(Graph::launches).sum();
  }
}
