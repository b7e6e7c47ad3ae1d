package aviary.engine;

/**
 * What one sequence has seen: for every layer two shifted rows and the heads' matrices. It belongs
 * to the engine that made it, and its size never changes, however long the sequence gets.
 *
 * <p>Its calls are calls of its engine: one thread at a time. A closed state, and one whose last
 * batch failed, can only be closed; other calls throw an {@link IllegalStateException}.
 */
public interface State extends AutoCloseable {

  /** A copy that goes its own way from here. */
  State fork();

  /** A copy of the contents in this process's memory, to save or to give to another engine. */
  StateData read();

  /**
   * Frees it on the device; the sequence cannot be continued. A second call does nothing, nor does
   * one after its engine was closed.
   */
  @Override
  void close();
}
