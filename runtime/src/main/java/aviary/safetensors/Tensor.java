package aviary.safetensors;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A named array in memory: a view of a mapped file or of other memory, never a copy.
 *
 * @param name the tensor's name in its file
 * @param dtype the type of one element
 * @param shape the dimensions, outermost first; empty for a scalar; the elements are contiguous in row-major order
 * @param data the elements, little-endian and not necessarily aligned; exactly {@code elements() * dtype.bytes()}
 *     bytes, valid as long as the arena that the file was opened in
 */
public record Tensor(String name, DType dtype, long[] shape, MemorySegment data) {

  /** Checks that shape and data agree. */
  public Tensor {
    long bytes = Math.multiplyExact(elements(shape), dtype.bytes());
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "tensor %s: %s%s takes %d bytes, not %d".formatted(name, dtype, Arrays.toString(shape), bytes, data.byteSize()));
    }
  }

  /** The number of elements. */
  public long elements() {
    return elements(shape);
  }

  /** The same data under another name. */
  public Tensor renamed(String newName) {
    return new Tensor(newName, dtype, shape, data);
  }

  /** The name, type and shape, as messages show them: {@code emb.weight BF16[65536, 1024]}. */
  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape);
  }

  private static long elements(long[] shape) {
    long product = 1;
    for (long dimension : shape) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }
}
