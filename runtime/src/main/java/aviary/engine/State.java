package aviary.engine;

/**
 * What one sequence has seen: for every layer two shifted rows and the heads' matrices. It belongs
 * to the engine that made it, and its size never changes, however long the sequence gets.
 */
public interface State extends AutoCloseable {

  /** A copy that goes its own way from here. */
  State fork();

  /** A copy of the contents in this process's memory, to save or to give to another engine. */
  StateData read();

  /** Frees it on the device; the sequence cannot be continued. */
  @Override
  void close();
}
