package aviary.cpu;

import aviary.engine.Pass;

/** What one worker computes with in a pass: the values, and memory of its own. */
final class Worker {
  private final int index;
  private final float[] scratch;
  private final Blas.Room room = new Blas.Room();
  private Pass pass;
  private float[][] values;
  private float[] results = new float[0];
  private int ownPlace = -1;

  /**
   * @param index which worker, from 0
   * @param scratch floats of this worker's own
   */
  Worker(int index, float[] scratch) {
    this.index = index;
    this.scratch = scratch;
  }

  /**
   * Turns to a pass.
   *
   * @param newValues the rows of all values, by place
   */
  void begin(Pass newPass, float[][] newValues) {
    pass = newPass;
    values = newValues;
    ownPlace = -1;
  }

  Pass pass() {
    return pass;
  }

  /** The rows of a value, one after the other. */
  float[] value(int place) {
    return values[place];
  }

  /**
   * Where to write results of the value at a place: what {@link #value} returns, or a buffer like
   * it.
   */
  float[] target(int place) {
    return place == ownPlace ? results : values[place];
  }

  /** Directs the results of a place to a buffer of this worker's own, until {@link #publish}. */
  void keepResultsOf(int place) {
    if (results.length < values[place].length) {
      results = new float[values[place].length];
    }
    ownPlace = place;
  }

  /** Directs results to the values again. */
  void dropResults() {
    ownPlace = -1;
  }

  /** Copies the channels {@code from .. to} of all rows from the buffer to the values. */
  void publish(int place, int rows, int width, int from, int to) {
    for (int row = 0; row < rows; row++) {
      int at = row * width + from;
      System.arraycopy(results, at, values[place], at, to - from);
    }
  }

  /** The bytes of this worker's own buffers. */
  long allocatedBytes() {
    return (long) Float.BYTES * (scratch.length + results.length) + room.bytes();
  }

  float[] scratch() {
    return scratch;
  }

  /** Memory for calls of a library. */
  Blas.Room room() {
    return room;
  }

  /** Which worker this is, from 0. */
  int index() {
    return index;
  }
}
