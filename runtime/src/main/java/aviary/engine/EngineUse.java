package aviary.engine;

import aviary.ExclusiveUse;
import aviary.model.ModelConfig;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Detects misuse of an engine, its states and its logits: use by two threads at once, use after the
 * end, and logits that a later batch has replaced.
 */
final class EngineUse {
  private final ExclusiveUse use;
  private final Runnable ready;

  /** How many batches were begun. */
  private long batches;

  /**
   * @param device what runs the engine
   * @param ready throws if no batch can run, whatever it is
   */
  EngineUse(String device, Runnable ready) {
    this.ready = ready;
    use = new ExclusiveUse("engine " + device, "open an engine for each thread");
  }

  /**
   * Calls the engine.
   *
   * @throws IllegalStateException if it is in use or closed
   */
  <T> T call(Supplier<T> work) {
    use.begin();
    try {
      return work.get();
    } finally {
      use.end();
    }
  }

  /**
   * Calls the engine for one of its states.
   *
   * @throws IllegalStateException if the engine is in use or closed, or the state cannot be used
   */
  <T> T call(StateUse state, Supplier<T> work) {
    return call(() -> {
      state.require();
      return work.get();
    });
  }

  /**
   * Runs a batch.
   *
   * @param its the use of a state that the engine has made, and null for others
   * @param work runs it, after it was checked
   * @return the logits, which know when they are no longer valid
   * @throws IllegalStateException if the engine is in use or closed, or a state cannot be used
   */
  Logits run(
      Batch batch, ModelConfig config, Function<State, StateUse> its, Supplier<Logits> work) {
    use.begin();
    try {
      ready.run();
      List<StateUse> states = batch.require(config, its);
      batches++;
      try {
        return new OfOneBatch(batches, work.get());
      } catch (Throwable e) {
        states.forEach(StateUse::fail);
        throw e;
      }
    } finally {
      use.end();
    }
  }

  /**
   * Ends a state, once. States end with their engine, so that nothing is left to do after that.
   *
   * @throws IllegalStateException if the engine is in use
   */
  void close(StateUse state, Runnable work) {
    if (use.isClosed()) {
      return;
    }
    call(() -> {
      if (state.close()) {
        work.run();
      }
      return null;
    });
  }

  /**
   * Ends the engine, once.
   *
   * @throws IllegalStateException if it is in use; it stays open
   */
  void close(Runnable work) {
    if (use.close()) {
      work.run();
    }
  }

  /** Logits that may be views of arrays that the next batch writes to. */
  private final class OfOneBatch implements Logits {
    private final long batch;
    private final Logits logits;

    OfOneBatch(long batch, Logits logits) {
      this.batch = batch;
      this.logits = logits;
    }

    @Override
    public int rows() {
      return logits.rows();
    }

    @Override
    public float[] row(int row) {
      return call(() -> valid(row).row(row));
    }

    @Override
    public int argmax(int row) {
      return call(() -> valid(row).argmax(row));
    }

    private Logits valid(int row) {
      if (batch != batches) {
        throw new IllegalStateException(
            "the logits are of an earlier batch, and the engine has run another since: read the rows"
                + " that are needed before the next forward");
      }
      if (row < 0 || row >= logits.rows()) {
        throw new IndexOutOfBoundsException(
            "row %d of logits: the batch asked for %d rows, counted from 0"
                .formatted(row, logits.rows()));
      }
      return logits;
    }
  }
}
