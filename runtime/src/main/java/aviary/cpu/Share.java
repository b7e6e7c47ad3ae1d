package aviary.cpu;

/** What one member of a team works with in a pass. */
final class Share {

  /** Channels are shared out in pieces of this size, a cache line of floats. */
  private static final int PIECE = 16;

  private final int member;
  private final int members;
  private final float[] scratch;
  private Pass pass;
  private float[][] values;
  private int rows;

  /**
   * @param scratch floats of this member's own
   */
  Share(int member, int members, float[] scratch) {
    this.member = member;
    this.members = members;
    this.scratch = scratch;
  }

  /**
   * Turns to other work.
   *
   * @param newValues the rows of all values, by place
   * @param newRows how many rows there are
   */
  void begin(Pass newPass, float[][] newValues, int newRows) {
    pass = newPass;
    values = newValues;
    rows = newRows;
  }

  Pass pass() {
    return pass;
  }

  /** The rows of a value, one behind the other. */
  float[] value(int place) {
    return values[place];
  }

  float[] scratch() {
    return scratch;
  }

  /** The number of rows in all. */
  int rows() {
    return rows;
  }

  /** The first row that is this member's. */
  int firstRow() {
    return Math.min(rows, member * rowsEach());
  }

  /** The row after its last. */
  int endRow() {
    return Math.min(rows, firstRow() + rowsEach());
  }

  boolean hasRow(int row) {
    return row >= firstRow() && row < endRow();
  }

  private int rowsEach() {
    return (rows + members - 1) / members;
  }

  /** The first of {@code count} channels that is this member's. */
  int firstChannel(int count) {
    return boundary(count, member);
  }

  /** The channel after its last. */
  int endChannel(int count) {
    return boundary(count, member + 1);
  }

  private int boundary(int count, int before) {
    int pieces = (count + PIECE - 1) / PIECE;
    return Math.min(count, (int) ((long) pieces * before / members) * PIECE);
  }

  /** The first of {@code count} heads (of all sequences) that is this member's. */
  int firstHead(int count) {
    return (int) ((long) count * member / members);
  }

  /** The head after its last. */
  int endHead(int count) {
    return (int) ((long) count * (member + 1) / members);
  }
}
