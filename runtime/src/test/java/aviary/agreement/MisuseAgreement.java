package aviary.agreement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.InputException;
import aviary.engine.Backends;
import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/**
 * What every device must do with wrong calls: refuse them with one clear line, and stay as it was.
 * Engines that these tests open are closed by them.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public interface MisuseAgreement extends OnDevice {

  /** Two layers, so that it can be split. */
  private static RandomModel random() {
    return RandomModels.programs().getLast();
  }

  /** Fails unless the call is refused in one line that has the words. */
  private static void refused(Class<? extends Exception> kind, String words, Executable call) {
    String message = assertThrows(kind, call).getMessage();
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count(), message);
  }

  private static void refused(String words, Executable call) {
    refused(IllegalStateException.class, words, call);
  }

  /** The logits after the tokens, from a new state. */
  private static float[] after(Engine engine, int[] tokens) {
    try (State state = engine.newState()) {
      return engine.forward(Batch.of(Sequence.last(state, tokens))).row(0);
    }
  }

  @Test
  default void aStateThatCannotBeUsedIsRefusedAndNoOtherMoves() {
    RandomModel random = random();
    int[] tokens = random.tokens(7);
    try (Engine engine = open(random.model());
        Engine other = open(random.model())) {
      final float[] right = after(engine, tokens);
      State good = engine.newState();
      final StateData before = good.read();
      State closed = engine.newState();
      closed.close();
      closed.close();
      refused("the state is closed", () -> engine.forward(both(good, closed)));
      refused("the state is closed", closed::fork);
      refused("the state is closed", closed::read);
      State strange = other.newState();
      refused(
          IllegalArgumentException.class,
          "sequence 1 of the batch has a state of another engine",
          () -> engine.forward(both(good, strange)));
      refused(
          IllegalArgumentException.class,
          "sequence 1 of the batch has the state of another sequence",
          () -> engine.forward(both(good, good)));
      assertArrayEquals(before.wkv(), good.read().wkv());
      assertArrayEquals(before.attShift(), good.read().attShift());
      assertArrayEquals(right, engine.forward(Batch.of(Sequence.last(good, tokens))).row(0));
      assertArrayEquals(right, after(other, tokens));
    }
  }

  private static Batch both(State one, State two) {
    return Batch.of(Sequence.last(one, 1, 2), Sequence.last(two, 3));
  }

  @Test
  default void aBatchWithoutSenseIsRefusedAndAnEmptyOneDoesNothing() {
    RandomModel random = random();
    try (Engine engine = open(random.model())) {
      assertEquals(0, engine.forward(Batch.of()).rows());
      State state = engine.newState();
      int[] none = {};
      refused(
          IllegalArgumentException.class, "at least one token", () -> Sequence.silent(state, none));
      refused(NullPointerException.class, "needs a state", () -> Sequence.silent(null, 1));
      refused(
          IllegalArgumentException.class,
          "wanted position",
          () -> Sequence.tail(state, new int[] {1, 2}, 3));
      refused(
          InputException.class,
          "token " + random.config().vocabulary(),
          () -> engine.forward(Batch.of(Sequence.last(state, random.config().vocabulary()))));
      StateData data = state.read();
      refused(
          IllegalArgumentException.class,
          "the state's arrays",
          () ->
              engine.newState(
                  new StateData(
                      data.layers(),
                      data.width(),
                      data.heads(),
                      data.headSize(),
                      data.attShift(),
                      new float[1],
                      data.wkv())));
    }
  }

  @Test
  default void logitsOfAnEarlierBatchAreRefused() {
    RandomModel random = random();
    try (Engine engine = open(random.model())) {
      State state = engine.newState();
      Logits first = engine.forward(Batch.of(Sequence.all(state, random.tokens(3))));
      float[] row = first.row(2);
      final float[] kept = row.clone();
      refused(IndexOutOfBoundsException.class, "row 3 of logits", () -> first.row(3));
      refused(IndexOutOfBoundsException.class, "row -1 of logits", () -> first.argmax(-1));
      Logits second = engine.forward(Batch.of(Sequence.all(state, random.tokens(3))));
      refused("the logits are of an earlier batch", () -> first.row(0));
      refused("the logits are of an earlier batch", () -> first.argmax(0));
      assertArrayEquals(kept, row);
      second.row(2);
      // Long prompts run in several passes.
      Logits long1 = engine.forward(Batch.of(Sequence.all(state, random.tokens(600))));
      long1.row(599);
      engine.forward(Batch.of(Sequence.last(state, 1)));
      refused("the logits are of an earlier batch", () -> long1.row(0));
    }
  }

  @Test
  default void aClosedEngineRefusesAllAndClosingAgainDoesNothing() {
    RandomModel random = random();
    Engine engine = open(random.model());
    State state = engine.newState();
    State other = engine.newState();
    final StateData data = state.read();
    Logits logits = engine.forward(Batch.of(Sequence.last(state, 1)));
    engine.close();
    engine.close();
    String closed = "the engine %s is closed".formatted(engine.device());
    refused(closed, engine::newState);
    refused(closed, () -> engine.newState(data));
    refused(closed, () -> engine.forward(Batch.of(Sequence.last(state, 1))));
    refused(closed, () -> engine.forward(Batch.of()));
    refused(closed, state::read);
    refused(closed, state::fork);
    refused(closed, () -> logits.row(0));
    refused(closed, () -> logits.argmax(0));
    refused(closed, engine::startProfile);
    refused(closed, engine::profile);
    refused(closed, engine::allocatedBytes);
    assertEquals(random.config(), engine.config());
    state.close();
    state.close();
    other.close();
  }

  /** Every call either gives what is right, or says that another thread is in one. */
  @Test
  default void twoThreadsAtOnceAreRefusedAndHarmNothing() {
    RandomModel random = random();
    try (Engine engine = open(random.model())) {
      int[] tokens = random.tokens(40);
      float[] right = after(engine, tokens);
      StateData fresh = engine.newState().read();
      AtomicInteger collisions = new AtomicInteger();
      Runnable work =
          () -> {
            long end = System.nanoTime() + 60_000_000_000L;
            while (collisions.get() < 20 && System.nanoTime() < end) {
              try {
                State state = engine.newState(fresh);
                Logits logits = engine.forward(Batch.of(Sequence.last(state, tokens)));
                assertArrayEquals(right, logits.row(0));
              } catch (IllegalStateException e) {
                assertCollision(e.getMessage());
                collisions.incrementAndGet();
              }
            }
          };
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        threads.add(done);
        Thread.ofPlatform().daemon().start(() -> complete(done, work));
      }
      threads.forEach(CompletableFuture::join);
      assertTrue(collisions.get() >= 20, "no two threads met");
      assertArrayEquals(right, after(engine, tokens));
    }
  }

  private static void complete(CompletableFuture<Void> done, Runnable work) {
    try {
      work.run();
      done.complete(null);
    } catch (Throwable e) {
      done.completeExceptionally(e);
    }
  }

  private static void assertCollision(String message) {
    assertTrue(
        message.contains("is in use by thread ")
            || message.contains("the logits are of an earlier batch"),
        message);
    assertEquals(1, message.lines().count(), message);
  }

  /** What runs another's batch ends, and then the engine is closed. */
  @Test
  default void closingAnEngineThatRunsIsRefusedUntilTheBatchHasRun() {
    RandomModel random = random();
    int[] tokens = random.tokens(300);
    Engine engine = open(random.model());
    CompletableFuture<Void> started = new CompletableFuture<>();
    CompletableFuture<String> ended = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> ended.complete(runUntilRefused(engine, tokens, started)));
    started.join();
    while (!closes(engine)) {
      Thread.onSpinWait();
    }
    String said = ended.join();
    assertTrue(said.contains("is closed") || said.contains("is in use by thread "), said);
    refused("is closed", engine::newState);
  }

  private static String runUntilRefused(
      Engine engine, int[] tokens, CompletableFuture<Void> started) {
    try {
      State state = engine.newState();
      while (true) {
        engine.forward(Batch.of(Sequence.last(state, tokens)));
        started.complete(null);
      }
    } catch (RuntimeException e) {
      started.complete(null);
      return String.valueOf(e.getMessage());
    }
  }

  private static boolean closes(Engine engine) {
    try {
      engine.close();
      return true;
    } catch (IllegalStateException e) {
      assertCollision(e.getMessage());
      return false;
    }
  }

  @Test
  default void memoryThatWasClosedBeforeItsEngineIsNamed() {
    RandomModel random = random();
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
    RandomModel random = random();
    int[] tokens = random.tokens(300);
    Arena arena = Arena.ofShared();
    try (Engine engine = open(in(arena, random.model()))) {
      CompletableFuture<Void> started = new CompletableFuture<>();
      CompletableFuture<String> ended = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .start(() -> ended.complete(runUntilRefused(engine, tokens, started)));
      started.join();
      Thread.sleep(20);
      // A native function that reads the memory keeps it open until it returns.
      while (arena.scope().isAlive()) {
        try {
          arena.close();
        } catch (IllegalStateException e) {
          Thread.onSpinWait();
        }
      }
      String said = ended.join();
      assertTrue(said.contains("the model's memory was closed"), said);
    }
  }

  /**
   * A confined arena is good for devices that read on the caller's thread, and refused by others.
   */
  @Test
  default void memoryOfOneThreadIsNoHang() {
    RandomModel random = random();
    int[] tokens = random.tokens(20);
    try (Engine engine = open(random.model());
        Arena arena = Arena.ofConfined()) {
      float[] right = after(engine, tokens);
      Supplier<float[]> run =
          () -> {
            try (Engine confined = open(in(arena, random.model()))) {
              return after(confined, tokens);
            }
          };
      try {
        assertArrayEquals(right, run.get());
      } catch (IllegalStateException e) {
        assertTrue(e.getMessage().contains("Arena.ofShared()"), e.getMessage());
      }
      assertDoesNotThrow(() -> after(engine, tokens));
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
