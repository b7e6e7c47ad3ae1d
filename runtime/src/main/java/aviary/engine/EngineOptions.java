package aviary.engine;

/**
 * How an engine is to run.
 *
 * @param threads the number of threads for backends that run on the host's cores; 0 for one a core
 */
public record EngineOptions(int threads) {

  /** One thread a core. */
  public static final EngineOptions DEFAULT = new EngineOptions(0);
}
