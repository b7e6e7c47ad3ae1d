package aviary.engine;

import aviary.InputException;
import java.util.Optional;

/**
 * How an engine is to run.
 *
 * @param threads the number of threads for backends that run on the host's cores; 0 for one a core
 * @param split how several devices share the work, if that was said; only {@link Backends} asks
 */
public record EngineOptions(int threads, Optional<Split> split) {

  /** One thread a core, and nothing said of several devices. */
  public static final EngineOptions DEFAULT = new EngineOptions(0);

  /** So many threads, and nothing said of several devices. */
  public EngineOptions(int threads) {
    this(threads, Optional.empty());
  }

  /**
   * Checks the number of threads.
   *
   * @throws InputException if it is negative; it is named as the command line has it
   */
  public EngineOptions {
    if (threads < 0) {
      throw new InputException(
          "--threads %d: it has to be at least 0 (0 for one a core)".formatted(threads));
    }
  }
}
