package aviary.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aviary.agreement.RandomModel;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.BatchSplitEngine;
import aviary.engine.Engine;
import aviary.engine.Layers;
import aviary.engine.Logits;
import aviary.engine.Stage;
import aviary.engine.StagedEngine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelConfig.DecayForm;
import aviary.model.WeightType;
import aviary.reference.ReferenceBackend;
import aviary.safetensors.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Two devices of TornadoVM share a model's work, and both are at work. */
class TwoDevicesTest {

  /** As near as every engine has to be, of the largest logit. */
  private static final float TOLERANCE = 1e-4f;

  private static final ModelConfig CONFIG =
      new ModelConfig(
          Architecture.FINCH, 5, 32, 4, 8, 112, 67, 5, 7, 8, true, DecayForm.PER_CHANNEL);

  private final RandomModel random = new RandomModel(CONFIG, WeightType.F32, DType.F32, true, 11);
  private final Model model = random.model();
  private final List<TornadoStage> stages = new ArrayList<>();
  private List<TornadoDevices.Found> devices;

  @BeforeEach
  void findDevices() {
    devices = TornadoDevices.all();
    assumeTrue(
        devices.size() >= 2,
        "TornadoVM finds one device only; PoCL makes two with POCL_DEVICES=\"pthread basic\"");
  }

  private Stage stage(int which, Layers layers) {
    TornadoDevice device = devices.get(which).device();
    TornadoStage stage = new TornadoStage(model, layers, devices.get(which).id(), device);
    stage.startProfile();
    stages.add(stage);
    return stage;
  }

  private void assertBothWereAtWork() {
    assertEquals(2, stages.stream().map(TornadoStage::device).distinct().count());
    for (TornadoStage stage : stages) {
      assertTrue(stage.cost().kernelTime() > 0, () -> "no time was spent on " + stage.device());
    }
  }

  private void assertNear(Logits expected, Logits actual) {
    assertEquals(expected.rows(), actual.rows());
    for (int row = 0; row < expected.rows(); row++) {
      float[] right = expected.row(row);
      double most =
          IntStream.range(0, right.length).mapToDouble(i -> Math.abs(right[i])).max().orElseThrow();
      assertArrayEquals(right, actual.row(row), (float) (TOLERANCE * most), random.toString());
    }
  }

  /** Runs some sequences side by side, three tokens one by one. */
  private void assertGivesTheSame(Engine engine, int sequences) {
    try (Engine reference = ReferenceBackend.engine(model)) {
      List<State> expected = Stream.generate(reference::newState).limit(sequences).toList();
      List<State> actual = Stream.generate(engine::newState).limit(sequences).toList();
      for (int i = 0; i < 3; i++) {
        int[] tokens = random.tokens(sequences);
        assertNear(
            reference.forward(batch(expected, tokens)), engine.forward(batch(actual, tokens)));
      }
    }
  }

  private static Batch batch(List<State> states, int[] tokens) {
    return new Batch(
        IntStream.range(0, tokens.length)
            .mapToObj(i -> Sequence.last(states.get(i), tokens[i]))
            .toList());
  }

  @Test
  void eachHasSomeOfTheLayers() {
    Layers first = new Layers(0, 2, CONFIG.layers());
    Layers last = new Layers(2, 3, CONFIG.layers());
    try (Engine engine = new StagedEngine(model, List.of(stage(0, first), stage(1, last)))) {
      assertGivesTheSame(engine, 1);
    }
    assertBothWereAtWork();
  }

  @Test
  void eachHasSomeOfTheSequences() {
    Layers all = Layers.all(CONFIG.layers());
    List<Engine> engines =
        List.of(
            new StagedEngine(model, List.of(stage(0, all))),
            new StagedEngine(model, List.of(stage(1, all))));
    try (Engine engine = new BatchSplitEngine(engines)) {
      assertGivesTheSame(engine, 2);
    }
    assertBothWereAtWork();
  }
}
