package aviary.engine;

/** Whether a state can be used. Whoever uses it has entered its engine's {@link EngineUse}. */
final class StateUse {
  private boolean closed;
  private boolean failed;

  /**
   * Checks that the state can be used.
   *
   * @throws IllegalStateException if it was closed, or a batch with it failed
   */
  void require() {
    if (closed) {
      throw new IllegalStateException(
          "the state is closed: its sequence has ended; fork it before it is closed, or make a new one");
    }
    if (failed) {
      throw new IllegalStateException(
          "the state's last batch failed, and which tokens it has seen is unknown: close it, and continue"
              + " from a state that was forked or read before");
    }
  }

  /** A batch with it failed. */
  void fail() {
    failed = true;
  }

  /**
   * Ends it.
   *
   * @return whether it was open until now
   */
  boolean close() {
    boolean wasOpen = !closed;
    closed = true;
    return wasOpen;
  }
}
