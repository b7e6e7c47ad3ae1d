package aviary.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.agreement.RandomModel;
import aviary.agreement.RandomModels;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.BlasChoice;
import aviary.engine.Device;
import aviary.engine.Engine;
import aviary.engine.EngineOptions;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuBackendTest {
  private static final RandomModel SMALL = RandomModels.programs().getLast();

  /** With more rows in a pass, buffers grow; a copy of nothing but small weights is made. */
  @Test
  void whatAnEngineAllocatesIsCounted() {
    EngineOptions options = new EngineOptions(1, Optional.empty(), BlasChoice.NONE);
    try (Engine engine = Backends.open(SMALL.model(), "cpu", options)) {
      long opened = engine.allocatedBytes();
      assertTrue(opened > 0, opened + " bytes");
      engine.forward(Batch.of(Sequence.last(engine.newState(), 1)));
      long one = engine.allocatedBytes();
      engine.forward(Batch.of(Sequence.last(engine.newState(), new int[9])));
      long nine = engine.allocatedBytes();
      // Each row has the same values; logits are of the last row alone.
      long logits = (long) Float.BYTES * engine.config().vocabulary();
      assertTrue(one - opened > logits, one - opened + " bytes");
      assertTrue(nine > one, nine + " bytes");
      engine.forward(Batch.of(Sequence.last(engine.newState(), new int[17])));
      assertEquals(nine - one, engine.allocatedBytes() - nine, "eight more rows, twice");
      engine.forward(Batch.of(Sequence.last(engine.newState(), 1)));
      assertEquals(nine + (nine - one), engine.allocatedBytes(), "buffers are kept");
    }
  }

  @Test
  void itHasOneDevice() {
    List<Device> devices = new CpuBackend().devices();
    assertEquals(1, devices.size());
    Device cpu = devices.getFirst();
    assertEquals("cpu", cpu.id());
    assertFalse(cpu.name().isBlank());
    assertTrue(cpu.memoryBytes() > 0);
    assertTrue(Integer.parseInt(cpu.properties().get("threads")) > 0);
    assertEquals(Lanes.COUNT * Float.SIZE + " bits", cpu.properties().get("vectors"));
    assertEquals("", new CpuBackend().hint());
  }

  @Test
  void anotherDeviceIsRefused() {
    assertRefused("cpu:1", () -> Backends.open(SMALL.model(), "cpu:1", EngineOptions.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 5000, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aNumberOfThreadsThatCannotBeIsRefused(int threads) {
    assertRefused(
        "--threads " + threads,
        () -> Backends.open(SMALL.model(), "cpu", new EngineOptions(threads)));
  }

  private static void assertRefused(String named, Executable opening) {
    String message = assertThrows(InputException.class, opening).getMessage();
    assertTrue(message.contains(named), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aModelWhoseMemoryWasClosedIsNotReadAnyMore() {
    Arena arena = Arena.ofShared();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    SMALL.model().tensors().forEach((name, tensor) -> tensors.put(name, copy(tensor, arena)));
    Model model = new Model(SMALL.config(), tensors);
    try (Engine engine = Backends.open(model, "cpu", EngineOptions.DEFAULT)) {
      State state = engine.newState();
      engine.forward(Batch.of(Sequence.last(state, 1, 2)));
      arena.close();
      for (int[] tokens : new int[][] {{3}, {3, 4, 5, 6, 7}}) {
        Batch batch = Batch.of(Sequence.last(state, tokens));
        String message =
            assertThrows(IllegalStateException.class, () -> engine.forward(batch)).getMessage();
        assertTrue(message.contains("closed"), message);
      }
    }
    assertThrows(
        IllegalStateException.class, () -> Backends.open(model, "cpu", EngineOptions.DEFAULT));
  }

  private static Tensor copy(Tensor tensor, Arena arena) {
    MemorySegment data = arena.allocate(tensor.data().byteSize(), 64).copyFrom(tensor.data());
    return new Tensor(tensor.name(), tensor.dtype(), tensor.shape(), data);
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aClosedEngineSaysSo() {
    Engine engine = Backends.open(SMALL.model(), "cpu", new EngineOptions(2));
    State state = engine.newState();
    engine.close();
    Batch batch = Batch.of(Sequence.last(state, 1, 2));
    assertThrows(IllegalStateException.class, () -> engine.forward(batch));
  }

  /** The state is as if the refused batch had never been. */
  @Test
  void aRefusedTokenLeavesTheEngineAndItsStatesAsTheyWere() {
    Model model = SMALL.model();
    try (Engine engine = Backends.open(model, "cpu", new EngineOptions(3))) {
      State state = engine.newState();
      State undisturbed = engine.newState();
      for (int round = 0; round < 3; round++) {
        Batch bad = Batch.of(Sequence.last(state, 1, 2, SMALL.config().vocabulary()));
        assertThrows(InputException.class, () -> engine.forward(bad));
        float[] expected = engine.forward(Batch.of(Sequence.last(undisturbed, 5, 6, 7))).row(0);
        float[] actual = engine.forward(Batch.of(Sequence.last(state, 5, 6, 7))).row(0);
        assertArrayEquals(expected, actual);
      }
    }
  }

  /** Each number is computed in the same order, whoever does it. */
  @ParameterizedTest
  @MethodSource({"aviary.agreement.RandomModels#all", "aviary.agreement.RandomModels#programs"})
  void theNumberOfThreadsChangesNoBit(RandomModel random) {
    Model model = random.model();
    float[][] expected = results(model, random, 1);
    for (int threads : new int[] {2, 3, 5}) {
      float[][] actual = results(model, random, threads);
      assertEquals(expected.length, actual.length);
      for (int i = 0; i < expected.length; i++) {
        assertArrayEquals(expected[i], actual[i], threads + " threads, array " + i);
      }
    }
  }

  /** Logits and states after a long sequence, single tokens and a batch, one after the other. */
  private static float[][] results(Model model, RandomModel random, int threads) {
    try (Engine engine = Backends.open(model, "cpu", new EngineOptions(threads))) {
      State first = engine.newState();
      State second = engine.newState();
      List<Batch> batches =
          List.of(
              Batch.of(Sequence.tail(first, random.tokens(270), 70)),
              Batch.of(Sequence.last(first, random.tokens(1))),
              Batch.of(
                  Sequence.all(second, random.tokens(6)), Sequence.last(first, random.tokens(13))),
              Batch.of(Sequence.all(second, random.tokens(2))));
      List<float[]> results = new ArrayList<>();
      for (Batch batch : batches) {
        Logits logits = engine.forward(batch);
        for (int row = 0; row < logits.rows(); row++) {
          results.add(logits.row(row).clone());
        }
      }
      for (State state : List.of(first, second)) {
        results.add(state.read().attShift());
        results.add(state.read().ffnShift());
        results.add(state.read().wkv());
      }
      return results.toArray(float[][]::new);
    }
  }
}
