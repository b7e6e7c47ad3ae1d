package aviary.model;

import aviary.safetensors.Tensor;

/**
 * A tensor's elements cut into the blocks of {@link Q8_0}, numbered row by row. A range of blocks
 * is a range of elements too, so this is how tensors of any type are cut into pieces to work on.
 *
 * @param rows the product of all dimensions but the last
 * @param columns the last dimension
 */
record BlockGrid(long rows, long columns) {

  static BlockGrid of(Tensor tensor) {
    long[] shape = tensor.shape();
    long columns = shape.length == 0 ? 1 : shape[shape.length - 1];
    return new BlockGrid(columns == 0 ? 0 : tensor.elements() / columns, columns);
  }

  /** The number of blocks. */
  long blocks() {
    return Math.multiplyExact(rows, Q8_0.blocks(columns));
  }

  /** The first element of a block; of the block after the last, the number of elements. */
  long start(long block) {
    long inRow = Q8_0.blocks(columns);
    return block / inRow * columns + block % inRow * Q8_0.BLOCK;
  }
}
