package aviary.engine;

import aviary.InputException;

/**
 * How an engine is to run.
 *
 * @param threads the number of threads for backends that run on the host's cores; 0 for one a core
 */
public record EngineOptions(int threads) {

  /** One thread a core. */
  public static final EngineOptions DEFAULT = new EngineOptions(0);

  /**
   * Checks the value.
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
