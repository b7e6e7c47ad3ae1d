package aviary.agreement;

import static aviary.agreement.Outcome.lastRow;
import static aviary.agreement.Refusal.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.Logits;
import aviary.engine.State;
import aviary.engine.StateData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Calls of one engine by two threads at once. */
public interface ThreadMisuse extends OnDevice {
  /** Every call either gives what is right, or says that another thread is in one. */
  @Test
  default void twoThreadsAtOnceAreRefusedAndHarmNothing() {
    RandomModel random = RandomModels.programs().getLast();
    try (Engine engine = open(random.model())) {
      int[] tokens = random.tokens(40);
      float[] right = lastRow(engine, tokens);
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
      assertArrayEquals(right, lastRow(engine, tokens));
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
    RandomModel random = RandomModels.programs().getLast();
    int[] tokens = random.tokens(300);
    Engine engine = open(random.model());
    BusyEngine busy = BusyEngine.start(engine, tokens);
    while (!closes(engine)) {
      Thread.onSpinWait();
    }
    String said = busy.refusal();
    assertTrue(said.contains("is closed") || said.contains("is in use by thread "), said);
    refused("is closed", engine::newState);
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
}
