package aviary.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A named array in memory: a view of a mapped file or of other memory, never a copy.
 *
 * @param name the tensor's name in its file
 * @param dtype the type of one element
 * @param shape the dimensions, outermost first; empty for a scalar; the elements are contiguous in
 *     row-major order
 * @param data the elements, little-endian and not necessarily aligned; exactly {@code
 *     dtype.bytes(elements())} bytes, valid as long as the arena that the file was opened in
 */
public record Tensor(String name, DType dtype, long[] shape, MemorySegment data) {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Checks that shape and data agree. */
  public Tensor {
    long bytes = dtype.bytes(elements(shape));
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "tensor %s: %s%s takes %d bytes, not %d"
              .formatted(name, dtype, Arrays.toString(shape), bytes, data.byteSize()));
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

  /**
   * Reads elements of a floating-point tensor as floats.
   *
   * @param from the first element to read, in row-major order
   * @param out where they go
   * @param offset the place of the first in {@code out}
   * @param count how many
   * @throws IllegalStateException if the tensor's type is not a floating-point type
   */
  public void read(long from, float[] out, int offset, int count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(data, FLOAT, from * 4, out, offset, count);
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          out[offset + i] = Float.intBitsToFloat(data.get(SHORT, (from + i) * 2) << 16);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          out[offset + i] = Float.float16ToFloat(data.get(SHORT, (from + i) * 2));
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          out[offset + i] = (float) data.get(DOUBLE, (from + i) * 8);
        }
      }
      default -> throw new IllegalStateException("not floating point: " + this);
    }
  }

  /** All elements of a floating-point tensor, which must be fewer than 2^31. */
  public float[] toFloats() {
    float[] out = new float[Math.toIntExact(elements())];
    read(0, out, 0, out.length);
    return out;
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
