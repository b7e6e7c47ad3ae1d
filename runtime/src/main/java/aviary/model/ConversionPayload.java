package aviary.model;

import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a conversion makes, made while it is written: pieces side by side on all cores, as many at a
 * time as a buffer of a few megabytes holds.
 *
 * @param conversion the conversion
 * @param scales whether to write the scales of Q8_0, and not the weights
 */
record ConversionPayload(TensorConversion conversion, boolean scales) implements Payload {

  /** Blocks in a piece: a quarter of a megabyte of floats. */
  private static final long PIECE = 1 << 11;

  /** Pieces in the buffer: enough for every core of large machines. */
  private static final long PIECES = 32;

  /** The tensors that the conversion makes. */
  static List<Entry> entries(TensorConversion conversion) {
    String name = conversion.from().name();
    List<Entry> entries = new ArrayList<>();
    entries.add(
        new Entry(
            name,
            conversion.type().dtype(),
            conversion.from().shape(),
            new ConversionPayload(conversion, false)));
    if (conversion.quantizes()) {
      // Weights and scales are made together and written apart, so they are made twice.
      entries.add(
          new Entry(
              Q8_0.scaleName(name),
              DType.F16,
              conversion.scaleShape(),
              new ConversionPayload(conversion, true)));
    }
    return entries;
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    BlockGrid grid = conversion.grid();
    long most = PIECE * PIECES;
    try (Arena arena = Arena.ofShared()) {
      long blocks = Math.min(most, grid.blocks());
      MemorySegment weights =
          arena.allocate(blocks * Q8_0.BLOCK * conversion.type().dtype().bytes(), 64);
      MemorySegment itsScales = arena.allocate(blocks * DType.F16.bytes(), 64);
      for (long first = 0; first < grid.blocks(); first += most) {
        long end = Math.min(first + most, grid.blocks());
        convert(first, end, weights, itsScales);
        MemorySegment made =
            scales
                ? itsScales.asSlice(0, (end - first) * DType.F16.bytes())
                : weights.asSlice(0, weightBytes(first, end));
        out.write(made.asByteBuffer());
      }
    }
  }

  private void convert(long from, long to, MemorySegment weights, MemorySegment itsScales) {
    LongStream.range(0, Math.ceilDiv(to - from, PIECE))
        .parallel()
        .forEach(piece -> {
          long first = from + piece * PIECE;
          conversion.run(
              first,
              Math.min(first + PIECE, to),
              weights.asSlice(weightBytes(from, first)),
              itsScales.asSlice((first - from) * DType.F16.bytes()));
        });
  }

  private long weightBytes(long from, long to) {
    BlockGrid grid = conversion.grid();
    return (grid.start(to) - grid.start(from)) * conversion.type().dtype().bytes();
  }
}
