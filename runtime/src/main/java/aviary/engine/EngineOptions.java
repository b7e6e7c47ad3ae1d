package aviary.engine;

import aviary.InputException;
import java.util.Optional;

/**
 * How an engine is to run.
 *
 * @param threads the number of threads for backends that run on the host's cores; 0 for one a core
 * @param split how several devices share the work, if that was said; only {@link Backends} asks
 * @param blas who computes products of many rows on the host's cores
 */
public record EngineOptions(int threads, Optional<Split> split, BlasChoice blas) {

  /** One thread a core, and nothing said of several devices. */
  public static final EngineOptions DEFAULT = new EngineOptions(0);

  /** So many threads, and nothing said of anything else. */
  public EngineOptions(int threads) {
    this(threads, Optional.empty());
  }

  /** So many threads, and several devices that share the work so. */
  public EngineOptions(int threads, Optional<Split> split) {
    this(threads, split, BlasChoice.AUTO);
  }

  /** The same with so many threads. */
  public EngineOptions withThreads(int count) {
    return new EngineOptions(count, split, blas);
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
