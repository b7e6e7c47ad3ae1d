package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.agreement.Outcome;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.agreement.Way;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Layers;
import aviary.engine.Split;
import aviary.engine.StagedEngine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig.Architecture;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.Tensor;
import aviary.tornado.kernels.PassTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A model of three layers whose layers are shared out, with each part's own weights only. */
@TestInstance(Lifecycle.PER_CLASS)
class StagesTest {

  /** As near as every engine has to be. */
  private static final double TOLERANCE = 1e-4;

  private final RandomModel random = ofThreeLayers(Architecture.FINCH);
  private final Layers firstLayers = new Layers(0, 1, 3);
  private final Layers lastLayers = new Layers(1, 2, 3);

  private final IntArray pass = new IntArray(PassTable.SIZE);
  private final IntArray best = new IntArray(DeviceProgram.MOST_WANTED);
  private final FloatArray row = new FloatArray(random.config().width());
  private final FloatArray rows = new FloatArray(PassTable.MOST_ROWS * random.config().width());

  private TornadoStage first;
  private TornadoStage last;
  private Engine engine;

  private static RandomModel ofThreeLayers(Architecture architecture) {
    return RandomModels.all().stream()
        .filter(model -> model.config().architecture() == architecture)
        .filter(model -> model.config().layers() == 3)
        .findFirst()
        .orElseThrow();
  }

  /** One engine for all tests, as it compiles its kernels. */
  @BeforeAll
  void open() {
    first = stage(firstLayers);
    last = stage(lastLayers);
    engine = new StagedEngine(random.model(), List.of(first, last));
  }

  private TornadoStage stage(Layers layers) {
    Model model = only(layers, random.model());
    TornadoStage stage =
        new TornadoStage(model, layers, OneKernel.DEVICE, TornadoDevices.find(OneKernel.DEVICE));
    stage.startProfile();
    return stage;
  }

  @AfterAll
  void close() {
    engine.close();
  }

  /** The model without the weights of others. */
  private static Model only(Layers layers, Model model) {
    Map<String, Tensor> tensors = new TreeMap<>(model.tensors());
    tensors.keySet().removeIf(name -> !isOf(layers, name));
    return new Model(model.config(), tensors);
  }

  private static boolean isOf(Layers layers, String tensor) {
    if (tensor.startsWith("blocks.")) {
      int layer = Integer.parseInt(tensor.split("\\.")[1]);
      return layer >= layers.first() && layer < layers.first() + layers.count();
    }
    return tensor.startsWith("emb.") ? layers.takesTokens() : layers.givesLogits();
  }

  /** The longest prompt is several passes, so that both stages are at work at the same time. */
  @Test
  void theyGiveWhatAWholeModelGives() {
    assertAgrees(random, engine, 1, 2, 41, 300);
  }

  @Test
  void oneBetweenTwoOnAnotherDeviceAgrees() {
    RandomModel eagle = ofThreeLayers(Architecture.EAGLE);
    EngineOptions byLayers =
        new EngineOptions(1, Optional.of(new Split.OfLayers(List.of(1, 1, 1))));
    String devices = "reference," + OneKernel.DEVICE + ",reference";
    try (Engine between = Backends.open(eagle.model(), devices, byLayers)) {
      assertAgrees(eagle, between, 1, 41);
    }
  }

  private static void assertAgrees(RandomModel random, Engine split, int... counts) {
    try (Engine reference = ReferenceBackend.engine(random.model())) {
      for (int count : counts) {
        int[] tokens = random.tokens(count);
        Outcome expected = Way.ONE_PIECE.run(reference, tokens);
        for (Way way : Way.values()) {
          way.run(split, tokens)
              .assertLike(expected, TOLERANCE, "%d tokens %s".formatted(count, way));
        }
      }
    }
  }

  /** What went in and out, as the engine counts it, and out as the profiler sees it. */
  private record Cost(long in, long out, long measuredOut) {
    static Cost of(TornadoStage stage) {
      DeviceCost cost = stage.cost();
      return new Cost(cost.bytesIn(), cost.bytesOut(), cost.measuredOut());
    }

    static Cost of(List<TornadoNativeArray> in, List<TornadoNativeArray> out) {
      return new Cost(
          in.stream().mapToLong(TornadoNativeArray::getNumBytesOfSegment).sum(),
          out.stream().mapToLong(TornadoNativeArray::getNumBytesOfSegment).sum(),
          out.stream().mapToLong(TornadoNativeArray::getNumBytesOfSegmentWithHeader).sum());
    }

    Cost since(Cost before) {
      return new Cost(in - before.in, out - before.out, measuredOut - before.measuredOut);
    }
  }

  private void assertCrosses(FloatArray crossing, State state, int tokens) {
    Cost ofFirst = Cost.of(first);
    Cost ofLast = Cost.of(last);
    engine.forward(Batch.of(Sequence.last(state, random.tokens(tokens)))).argmax(0);
    assertEquals(Cost.of(List.of(pass), List.of(crossing)), Cost.of(first).since(ofFirst));
    assertEquals(Cost.of(List.of(pass, crossing), List.of(best)), Cost.of(last).since(ofLast));
  }

  @Test
  void oneRowCrossesForOneToken() {
    State state = engine.newState();
    engine.forward(Batch.of(Sequence.silent(state, random.tokens(3))));
    assertCrosses(row, state, 1);
    assertCrosses(row, state, 1);
    assertCrosses(rows, state, 9);
    assertCrosses(row, state, 1);
  }
}
