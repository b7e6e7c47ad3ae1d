package aviary.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * The elements of a tensor to be written, made when the writer comes to them, so that a file may be
 * larger than memory.
 */
@FunctionalInterface
public interface Payload {

  /**
   * Writes all elements: little-endian, row-major, exactly as many bytes as the tensor's type and
   * shape say.
   *
   * @param out takes all of each buffer that it is given; it is not to be closed
   * @throws IOException if the elements cannot be had
   */
  void writeTo(WritableByteChannel out) throws IOException;

  /**
   * The elements that lie in a segment of memory, on or off the heap.
   *
   * @param data the little-endian elements; read when they are written
   */
  static Payload of(MemorySegment data) {
    return out -> {
      long step = 8 << 20;
      for (long at = 0; at < data.byteSize(); at += step) {
        MemorySegment piece = data.asSlice(at, Math.min(step, data.byteSize() - at));
        // Only native memory can be lent to a channel; arrays are copied, a piece at a time.
        out.write(
            piece.isNative()
                ? piece.asByteBuffer()
                : ByteBuffer.wrap(piece.toArray(ValueLayout.JAVA_BYTE)));
      }
    };
  }
}
