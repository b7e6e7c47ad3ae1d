package aviary.cpu;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A part of a task that a worker has taken.
 *
 * @param phase the phase of the pass
 * @param task which of its tasks
 * @param from the first unit
 * @param to after the last unit
 * @param repeats how many other workers have begun to compute it again
 */
record Chunk(int phase, int task, int from, int to, AtomicInteger repeats) {
  Chunk(int phase, int task, int from, int to) {
    this(phase, task, from, to, new AtomicInteger());
  }

  int units() {
    return to - from;
  }
}
