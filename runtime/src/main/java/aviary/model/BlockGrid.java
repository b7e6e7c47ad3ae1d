package aviary.model;

/**
 * A tensor's elements cut into the blocks of {@link Q8_0}, numbered row by row. A range of blocks
 * is a range of elements too, so this is how tensors of any type are cut into pieces to work on.
 *
 * @param rows the product of all dimensions but the last
 * @param columns the last dimension
 */
record BlockGrid(long rows, long columns) {

  static BlockGrid of(long[] shape) {
    long rows = 1;
    for (int i = 0; i < shape.length - 1; i++) {
      rows = Math.multiplyExact(rows, shape[i]);
    }
    return new BlockGrid(rows, shape.length == 0 ? 1 : shape[shape.length - 1]);
  }

  /** The number of blocks. */
  long blocks() {
    return Math.multiplyExact(rows, blocksInRow());
  }

  /** The number of blocks in a row. */
  long blocksInRow() {
    return Q8_0.blocks(columns);
  }

  /** The first element of a block; of the block after the last, the number of elements. */
  long start(long block) {
    return block / blocksInRow() * columns + block % blocksInRow() * Q8_0.BLOCK;
  }

  /** The block of an element. */
  long block(long element) {
    return element / columns * blocksInRow() + element % columns / Q8_0.BLOCK;
  }

  /**
   * Where the blocks of a range end.
   *
   * @param start the first element, where a block begins
   * @param count the elements of the range: whole blocks
   * @param ends for each block the number of elements from the range's start to the block's end
   * @return the number of blocks
   */
  int ends(long start, int count, int[] ends) {
    int last = (int) (columns - (blocksInRow() - 1) * Q8_0.BLOCK);
    long place = block(start) % blocksInRow();
    int blocks = 0;
    int end = 0;
    while (end < count) {
      boolean endsRow = ++place == blocksInRow();
      end += endsRow ? last : Q8_0.BLOCK;
      ends[blocks++] = end;
      place = endsRow ? 0 : place;
    }
    return blocks;
  }
}
