package aviary.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Batch.Sequence;
import aviary.model.Model;
import aviary.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One of several devices fails in the middle of a run. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeviceFailureTest {
  private static final RandomModel RANDOM = RandomModels.programs().getLast();
  private static final int ROWS = 4;
  private static final int PASSES = 8;
  private static final int NEVER = Integer.MAX_VALUE;

  private final Model model = RANDOM.model();
  private final int[] tokens = RANDOM.tokens(ROWS * PASSES);

  private FailingStage stage(Layers layers, String device, int good) {
    Stage stage = new ReferenceBackend().open(model, layers, "reference", EngineOptions.DEFAULT);
    return new FailingStage(stage, device, ROWS, good);
  }

  private static void assertFails(String device, Engine engine, Batch batch) {
    DeviceException e = assertThrows(DeviceException.class, () -> engine.forward(batch));
    assertEquals("device %s: it went away".formatted(device), e.getMessage());
    assertEquals(0, e.getSuppressed().length, "told once");
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "0,3", "0,7", "1,0", "1,1", "1,3", "1,7"})
  void aStageThatFailsStopsAllAndIsNamed(int failing, int good) {
    FailingStage first = stage(new Layers(0, 1, 2), "first", failing == 0 ? good : NEVER);
    FailingStage last = stage(new Layers(1, 1, 2), "last", failing == 1 ? good : NEVER);
    try (Engine engine = new StagedEngine(model, List.of(first, last))) {
      Batch batch = Batch.of(Sequence.all(engine.newState(), tokens));
      assertFails(failing == 0 ? "first" : "last", engine, batch);
      int runs = first.runs();
      int runsOfLast = last.runs();
      assertEquals(good + 1, failing == 0 ? runs : runsOfLast, "none after the one that failed");
      // By one pass the first is ahead, and it may just have begun another.
      assertTrue(runs >= runsOfLast && runs <= runsOfLast + 2, runs + ", " + runsOfLast);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aStageThatFailsWithASingleTokenIsNamed(int failing) {
    FailingStage first = stage(new Layers(0, 1, 2), "first", failing == 0 ? 2 : NEVER);
    FailingStage last = stage(new Layers(1, 1, 2), "last", failing == 1 ? 2 : NEVER);
    try (Engine engine = new StagedEngine(model, List.of(first, last))) {
      Batch batch = Batch.of(Sequence.last(engine.newState(), 1));
      engine.forward(batch);
      engine.forward(batch);
      assertFails(failing == 0 ? "first" : "last", engine, batch);
    }
  }

  /** Of a batch that is split the other devices come to their end, and then it is told. */
  @Test
  void anEngineThatFailsIsNamed() {
    FailingStage good = stage(Layers.all(2), "good", NEVER);
    FailingStage bad = stage(Layers.all(2), "bad", 3);
    List<Engine> engines =
        List.of(new StagedEngine(model, List.of(good)), new StagedEngine(model, List.of(bad)));
    try (Engine engine = new BatchSplitEngine(engines)) {
      Batch batch =
          Batch.of(
              Sequence.all(engine.newState(), tokens), Sequence.last(engine.newState(), tokens));
      assertFails("bad", engine, batch);
      assertEquals(PASSES, good.runs());
      assertEquals(4, bad.runs());
    }
  }
}
