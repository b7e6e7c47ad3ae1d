package aviary.agreement;

import static aviary.agreement.Outcome.lastRow;
import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.State;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Models whose memory is closed before its time, or is of one thread. */
public interface MemoryMisuse extends OnDevice {
  @Test
  default void memoryThatWasClosedBeforeItsEngineIsNamed() {
    RandomModel random = RandomModels.programs().getLast();
    String said = "the model's memory was closed before its engine";
    Arena arena = Arena.ofShared();
    Model model = in(arena, random.model());
    Engine engine = open(model);
    State state = engine.newState();
    engine.forward(Batch.of(Sequence.last(state, 1)));
    arena.close();
    refused(said, engine::newState);
    refused(said, () -> engine.forward(Batch.of(Sequence.last(state, 1))));
    state.close();
    engine.close();
    refused("memory was closed", () -> Backends.open(model, device(), options()));
  }

  /** While it is being read. */
  @Test
  default void memoryThatIsClosedDuringABatchIsNamed() throws InterruptedException {
    RandomModel random = RandomModels.programs().getLast();
    int[] tokens = random.tokens(300);
    Arena arena = Arena.ofShared();
    try (Engine engine = open(in(arena, random.model()))) {
      BusyEngine busy = BusyEngine.start(engine, tokens);
      Thread.sleep(20);
      // A native function that reads the memory keeps it open until it returns.
      while (arena.scope().isAlive()) {
        try {
          arena.close();
        } catch (IllegalStateException e) {
          Thread.onSpinWait();
        }
      }
      String said = busy.refusal();
      assertTrue(said.contains("the model's memory was closed"), said);
    }
  }

  /**
   * A confined arena is good for devices that read on the caller's thread, and refused by others.
   */
  @Test
  default void memoryOfOneThreadIsNoHang() {
    RandomModel random = RandomModels.programs().getLast();
    int[] tokens = random.tokens(20);
    try (Engine engine = open(random.model());
        Arena arena = Arena.ofConfined()) {
      float[] right = lastRow(engine, tokens);
      Supplier<float[]> run =
          () -> {
            try (Engine confined = open(in(arena, random.model()))) {
              return lastRow(confined, tokens);
            }
          };
      try {
        assertArrayEquals(right, run.get());
      } catch (IllegalStateException e) {
        assertTrue(e.getMessage().contains("Arena.ofShared()"), e.getMessage());
      }
      assertDoesNotThrow(() -> lastRow(engine, tokens));
    }
  }

  /** The same model in other memory. */
  private static Model in(Arena arena, Model model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Tensor tensor : model.tensors().values()) {
      MemorySegment data = arena.allocate(tensor.data().byteSize(), 64).copyFrom(tensor.data());
      tensors.put(
          tensor.name(),
          new Tensor(
              tensor.name(),
              tensor.dtype(),
              Arrays.copyOf(tensor.shape(), tensor.shape().length),
              data));
    }
    return new Model(model.config(), tensors);
  }
}
