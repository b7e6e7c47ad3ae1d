package aviary.model;

import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.util.stream.LongStream;

/**
 * The weights that a conversion makes, made while they are written: pieces side by side on all
 * cores, as many at a time as a buffer of a few megabytes holds. The scales of Q8_0 are made with
 * them and kept for {@link #scales}.
 */
final class ConversionPayload implements Payload {

  /** Blocks in a piece: a quarter of a megabyte of floats. */
  private static final long PIECE = 1 << 11;

  /** Pieces in the buffer: enough for the cores of large machines. */
  private static final long PIECES = 32;

  private final TensorConversion conversion;
  private final BlockGrid grid;

  /** All scales; there from when the weights are written until the scales are. */
  private MemorySegment scales;

  ConversionPayload(TensorConversion conversion) {
    this.conversion = conversion;
    this.grid = conversion.grid();
  }

  /** The scales, to be written after the weights. */
  Payload scales() {
    return out -> {
      if (scales == null) {
        throw new IllegalStateException(conversion.name() + ": its scales are written first");
      }
      Payload.of(scales).writeTo(out);
      scales = null;
    };
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    if (conversion.quantizes()) {
      scales = Arena.ofAuto().allocate(grid.blocks() * DType.F16.bytes());
    }
    long most = PIECE * PIECES;
    try (Arena arena = Arena.ofShared()) {
      long size = Math.min(most, grid.blocks()) * Q8_0.BLOCK * conversion.type().dtype().bytes();
      MemorySegment buffer = arena.allocate(size, 64);
      for (long first = 0; first < grid.blocks(); first += most) {
        long end = Math.min(first + most, grid.blocks());
        convert(first, end, buffer);
        out.write(buffer.asSlice(0, weightBytes(first, end)).asByteBuffer());
      }
    }
  }

  private void convert(long from, long to, MemorySegment buffer) {
    LongStream.range(0, Math.ceilDiv(to - from, PIECE))
        .parallel()
        .forEach(piece -> {
          long first = from + piece * PIECE;
          long end = Math.min(first + PIECE, to);
          MemorySegment its = buffer.asSlice(weightBytes(from, first));
          MemorySegment itsScales =
              scales == null ? null : scales.asSlice(first * DType.F16.bytes());
          conversion.run(first, end, its, itsScales);
        });
  }

  private long weightBytes(long from, long to) {
    return (grid.start(to) - grid.start(from)) * conversion.type().dtype().bytes();
  }
}
