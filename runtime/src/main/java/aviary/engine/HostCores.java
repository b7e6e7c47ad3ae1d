package aviary.engine;

/**
 * How an engine uses the host's cores.
 *
 * @param threads how many threads it has
 * @param blas the library that computes products of many rows, with its types; {@code none} where
 *     the backend does it itself
 */
public record HostCores(int threads, String blas) {}
