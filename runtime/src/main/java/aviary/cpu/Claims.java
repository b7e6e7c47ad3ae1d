package aviary.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Which units of the tasks of a pass have been taken by workers. */
final class Claims {

  /**
   * The most pieces in a chunk: a vector of sums for each of 512 rows fits 32 KB, a first-level
   * cache, and the last chunks stay small enough for all workers to finish together.
   */
  private static final int MOST_PIECES = 8;

  private final int workers;

  /** The pieces taken of each worker's part of each task, [tasks, workers]. */
  private final AtomicIntegerArray taken;

  Claims(int tasks, int workers) {
    this.workers = workers;
    taken = new AtomicIntegerArray(tasks * workers);
  }

  /** Units that one worker has taken. */
  record Range(int from, int to) {}

  /**
   * Takes a chunk: of the worker's own part while there is something left, then of the other
   * workers' parts. Half of what is left each time, so that the first chunks are large, as memory
   * is fastest where it is read on and on, and the last ones small.
   *
   * @param task which task of the pass
   * @param count how many units it has
   * @param unitsInPiece the fewest units to take
   * @return null if nothing is left
   */
  Range take(int task, int count, int unitsInPiece, int worker) {
    int pieces = Math.ceilDiv(count, unitsInPiece);
    for (int k = 0; k < workers; k++) {
      int owner = (worker + k) % workers;
      int first = first(pieces, owner);
      int end = first(pieces, owner + 1);
      int counter = task * workers + owner;
      for (int done = taken.get(counter); first + done < end; done = taken.get(counter)) {
        int more = Math.clamp((end - first - done) / 2, 1, MOST_PIECES);
        if (taken.compareAndSet(counter, done, done + more)) {
          int from = (first + done) * unitsInPiece;
          return new Range(from, Math.min(count, from + more * unitsInPiece));
        }
      }
    }
    return null;
  }

  /** Takes the whole task, unless somebody has. */
  boolean takeAll(int task) {
    return taken.compareAndSet(task * workers, 0, 1);
  }

  /** The first piece of a worker's part; the parts differ by one piece at most. */
  private int first(int pieces, int worker) {
    return (int) (((long) pieces * worker + workers - 1) / workers);
  }
}
