package aviary.agreement;

import aviary.engine.Batch;
import aviary.engine.Batch.Sequence;
import aviary.engine.Engine;
import aviary.engine.State;
import java.util.concurrent.CompletableFuture;

/** An engine that another thread runs, until a batch is refused. */
final class BusyEngine {
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();

  private BusyEngine() {}

  /** Returns when the first batch of the tokens has run. */
  static BusyEngine start(Engine engine, int[] tokens) {
    BusyEngine busy = new BusyEngine();
    Thread.ofPlatform().daemon().start(() -> busy.ended.complete(busy.run(engine, tokens)));
    busy.started.join();
    return busy;
  }

  private String run(Engine engine, int[] tokens) {
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

  /** Waits for the end, and gives what the refused batch's exception said. */
  String refusal() {
    return ended.join();
  }
}
