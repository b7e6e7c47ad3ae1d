package aviary.cpu;

import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns the first matrices of low-rank pairs, which lie [in, out], to [out, in]: they are a
 * hundredth of the weights, and so need no kernels of their own.
 */
final class Transpose {

  /** Columns that are read together, a cache line of them. */
  private static final int BLOCK = 16;

  private Transpose() {}

  /**
   * The matrix, turned.
   *
   * @param matrix F32, F16 or BF16, [in, out]
   * @param arena holds the result
   * @return [out, in], of the same type
   */
  static Tensor of(Tensor matrix, Arena arena) {
    int ins = Math.toIntExact(matrix.shape()[0]);
    int outs = Math.toIntExact(matrix.shape()[1]);
    long bytes = matrix.dtype().bytes();
    MemorySegment from = matrix.data();
    MemorySegment to = arena.allocate(from.byteSize(), 64);
    for (int block = 0; block < outs; block += BLOCK) {
      int end = Math.min(outs, block + BLOCK);
      for (int i = 0; i < ins; i++) {
        for (int o = block; o < end; o++) {
          copy(from, (long) i * outs + o, to, (long) o * ins + i, bytes);
        }
      }
    }
    return new Tensor(matrix.name(), matrix.dtype(), new long[] {outs, ins}, to);
  }

  private static void copy(MemorySegment from, long i, MemorySegment to, long o, long bytes) {
    if (bytes == Short.BYTES) {
      to.set(
          ValueLayout.JAVA_SHORT_UNALIGNED,
          2 * o,
          from.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i));
    } else {
      to.set(
          ValueLayout.JAVA_INT_UNALIGNED, 4 * o, from.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i));
    }
  }
}
