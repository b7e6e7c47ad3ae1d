package aviary.cpu;

import aviary.engine.Pass;

/** What one member of a team works with in a pass. */
final class Share {
  private final int member;
  private final int members;
  private final float[] scratch;
  private final Blas.Room room = new Blas.Room();
  private Pass pass;
  private float[][] values;

  /**
   * @param scratch floats of this member's own
   */
  Share(int member, int members, float[] scratch) {
    this.member = member;
    this.members = members;
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
  }

  Pass pass() {
    return pass;
  }

  /** The rows of a value, one behind the other. */
  float[] value(int place) {
    return values[place];
  }

  /** The bytes of this member's own buffers. */
  long allocatedBytes() {
    return (long) Float.BYTES * scratch.length + room.bytes();
  }

  float[] scratch() {
    return scratch;
  }

  /** Room for calls of a library. */
  Blas.Room room() {
    return room;
  }

  /** Which of the members this is, from 0. */
  int member() {
    return member;
  }

  int members() {
    return members;
  }

  /** The first of {@code count} rows that is this member's. */
  int first(int count) {
    return first(count, member, members);
  }

  /** The row after its last. */
  int end(int count) {
    return first(count, member + 1, members);
  }

  /**
   * The first of {@code count} things that is a member's, where each has equally many or one less.
   * Rounded up, so that a single row is that of member 0: the caller, which nobody has to wake.
   */
  static int first(int count, int member, int members) {
    return (int) (((long) count * member + members - 1) / members);
  }
}
