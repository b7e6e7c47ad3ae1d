package aviary.training;

import aviary.cpu.WorkerPool;

/**
 * Threads that share out rows. Each has the same part of the same number of rows every time, so
 * that what they add up by themselves gives the same bits in every run with as many threads.
 */
final class Workers implements AutoCloseable {

  /** Works on some rows. */
  @FunctionalInterface
  interface Body {
    /**
     * @param worker whose rows these are; another thread may work on them in its place
     */
    void run(int worker, int from, int to);
  }

  private final WorkerPool pool;

  /**
   * @param threads how many; 0 for one a core
   */
  Workers(int threads) {
    pool = new WorkerPool(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  int count() {
    return pool.size();
  }

  /** Shares out rows. */
  void run(int rows, Body body) {
    run(rows, 1, body);
  }

  /** Shares out rows by pieces of so many. */
  void run(int rows, int piece, Body body) {
    int pieces = Math.ceilDiv(rows, piece);
    int size = pool.size();
    pool.runParts(
        size,
        worker -> {
          int from = (int) ((long) pieces * worker / size) * piece;
          int to = Math.min(rows, (int) ((long) pieces * (worker + 1) / size) * piece);
          if (from < to) {
            body.run(worker, from, to);
          }
        });
  }

  /** Adds the workers' parts of a sum to what is there, in the workers' order. */
  static void addParts(float[][] parts, float[] sum) {
    for (float[] part : parts) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += part[i];
      }
    }
  }

  /** Room for a sum of so many numbers, for each worker. */
  float[][] parts(int size) {
    return new float[pool.size()][size];
  }

  @Override
  public void close() {
    pool.close();
  }
}
