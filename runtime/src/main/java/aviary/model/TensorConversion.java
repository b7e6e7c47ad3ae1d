package aviary.model;

import aviary.InputException;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * One tensor on its way into another type. Ranges of its blocks are converted by themselves, in any
 * order and by any thread, each to the same bytes.
 *
 * @param from what is converted
 * @param scale the scales, where that is in Q8_0; else null
 * @param type what it becomes
 */
record TensorConversion(Tensor from, Tensor scale, WeightType type) {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Suits vector loads and cache lines. */
  private static final long ALIGNMENT = 64;

  /**
   * Blocks that are worked on at a time: few enough that all their forms stay in a core's cache.
   */
  private static final int RUN = 256;

  /** The least magnitude that rounds to infinity: halfway from the greatest number to the next. */
  private static final float F16_OVERFLOW = 65520;

  private static final float BF16_OVERFLOW = 0x1.FFp127f;

  /** The arrays that a run of blocks passes through. */
  private static final class Scratch {
    final float[] weights = new float[RUN * Q8_0.BLOCK];
    final int[] bits = new int[RUN * Q8_0.BLOCK];
    final short[] shorts = new short[RUN * Q8_0.BLOCK];
    final byte[] bytes = new byte[RUN * Q8_0.BLOCK];
    final float[] steps = new float[RUN * Q8_0.BLOCK];
    final short[] scales = new short[RUN];
    final int[] ends = new int[RUN];
  }

  BlockGrid grid() {
    return BlockGrid.of(from);
  }

  /** Whether scales are made too. */
  boolean quantizes() {
    return type == WeightType.Q8_0;
  }

  /** The shape of the scales that are made. */
  long[] scaleShape() {
    return new long[] {grid().rows(), Q8_0.blocks(grid().columns())};
  }

  /** Memory for what is made: the weights, and where they are in Q8_0 their scales. */
  List<Tensor> allocate(Arena arena) {
    Tensor weights = allocate(from.name(), type.dtype(), from.shape(), arena);
    return quantizes()
        ? List.of(weights, allocate(Q8_0.scaleName(from.name()), DType.F16, scaleShape(), arena))
        : List.of(weights);
  }

  private static Tensor allocate(String name, DType dtype, long[] shape, Arena arena) {
    long bytes = dtype.bytes();
    for (long side : shape) {
      bytes *= side;
    }
    return new Tensor(name, dtype, shape, arena.allocate(bytes, ALIGNMENT));
  }

  /**
   * Converts a range of blocks.
   *
   * @param first the first block
   * @param end the block after the last
   * @param weights where their elements go, from its start
   * @param scales where their scales go, from its start, if the type is Q8_0; else it is not used
   * @throws InputException if a weight is none of the type's numbers
   */
  void run(long first, long end, MemorySegment weights, MemorySegment scales) {
    BlockGrid grid = grid();
    Scratch scratch = new Scratch();
    long origin = grid.start(first);
    for (long block = first; block < end; block += RUN) {
      int blocks = (int) Math.min(RUN, end - block);
      long start = grid.start(block);
      int count = (int) (grid.start(block + blocks) - start);
      findEnds(block, blocks, scratch.ends);
      read(block, blocks, start, count, scratch);
      long at = (start - origin) * type.dtype().bytes();
      switch (type) {
        case F32 -> MemorySegment.copy(scratch.weights, 0, weights, FLOAT, at, count);
        case BF16 -> {
          toBf16(start, count, scratch);
          MemorySegment.copy(scratch.shorts, 0, weights, SHORT, at, count);
        }
        case F16 -> {
          toF16(start, count, scratch);
          MemorySegment.copy(scratch.shorts, 0, weights, SHORT, at, count);
        }
        case Q8_0 -> {
          toQ8(blocks, start, count, scratch);
          MemorySegment.copy(scratch.bytes, 0, weights, ValueLayout.JAVA_BYTE, at, count);
          MemorySegment.copy(scratch.scales, 0, scales, SHORT, (block - first) * 2, blocks);
        }
      }
    }
  }

  private void read(long block, int blocks, long start, int count, Scratch scratch) {
    float[] weights = scratch.weights;
    switch (from.dtype()) {
      case BF16 -> {
        MemorySegment.copy(from.data(), SHORT, start * 2, scratch.shorts, 0, count);
        for (int i = 0; i < count; i++) {
          scratch.bits[i] = scratch.shorts[i] << 16;
        }
        MemorySegment.copy(
            MemorySegment.ofArray(scratch.bits),
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            0,
            weights,
            0,
            count);
      }
      case F16 -> {
        MemorySegment.copy(from.data(), SHORT, start * 2, scratch.shorts, 0, count);
        for (int i = 0; i < count; i++) {
          weights[i] = Float.float16ToFloat(scratch.shorts[i]);
        }
      }
      case I8 -> {
        MemorySegment.copy(from.data(), ValueLayout.JAVA_BYTE, start, scratch.bytes, 0, count);
        MemorySegment.copy(scale.data(), SHORT, block * 2, scratch.scales, 0, blocks);
        int at = 0;
        for (int i = 0; i < blocks; i++) {
          float step = Float.float16ToFloat(scratch.scales[i]);
          Arrays.fill(scratch.steps, at, scratch.ends[i], step);
          at = scratch.ends[i];
        }
        for (int i = 0; i < count; i++) {
          weights[i] = scratch.bytes[i] * scratch.steps[i];
        }
      }
      default -> from.read(start, weights, 0, count);
    }
  }

  /** Notes where each block ends in the run. */
  private void findEnds(long block, int blocks, int[] ends) {
    BlockGrid grid = grid();
    long inRow = Q8_0.blocks(grid.columns());
    int last = (int) (grid.columns() - (inRow - 1) * Q8_0.BLOCK);
    long place = block % inRow;
    int end = 0;
    for (int i = 0; i < blocks; i++) {
      place++;
      end += place == inRow ? last : Q8_0.BLOCK;
      ends[i] = end;
      place = place == inRow ? 0 : place;
    }
  }

  /** Rounds to the nearest BF16; of two, the even one. */
  private void toBf16(long start, int count, Scratch scratch) {
    float[] weights = scratch.weights;
    int[] bits = bits(weights, count, scratch);
    if (greatest(bits, 0, count) >= Float.floatToRawIntBits(BF16_OVERFLOW)) {
      for (int i = 0; i < count; i++) {
        if (Math.abs(weights[i]) >= BF16_OVERFLOW && Float.isFinite(weights[i])) {
          throw overflow(start + i, weights[i], "f32");
        }
        if (Float.isNaN(weights[i])) {
          // Else a NaN whose lowest bits alone are set would become infinite.
          bits[i] = 0x7FC00000;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      bits[i] = bits[i] + 0x7FFF + (bits[i] >>> 16 & 1) >>> 16;
    }
    for (int i = 0; i < count; i++) {
      scratch.shorts[i] = (short) bits[i];
    }
  }

  /** Rounds to the nearest F16; of two, the even one. */
  private void toF16(long start, int count, Scratch scratch) {
    float[] weights = scratch.weights;
    int[] bits = bits(weights, count, scratch);
    if (greatest(bits, 0, count) >= Float.floatToRawIntBits(F16_OVERFLOW)) {
      for (int i = 0; i < count; i++) {
        if (Math.abs(weights[i]) >= F16_OVERFLOW && Float.isFinite(weights[i])) {
          throw overflow(start + i, weights[i], "bf16");
        }
      }
    }
    for (int i = 0; i < count; i++) {
      scratch.shorts[i] = Float.floatToFloat16(weights[i]);
    }
  }

  private void toQ8(int blocks, long start, int count, Scratch scratch) {
    float[] weights = scratch.weights;
    int[] bits = bits(weights, count, scratch);
    int at = 0;
    for (int i = 0; i < blocks; i++) {
      int end = scratch.ends[i];
      short scale = scale(Float.intBitsToFloat(greatest(bits, at, end)));
      float step = Float.float16ToFloat(scale);
      if (!Float.isFinite(step)) {
        throw noScale(start, at, end, weights);
      }
      scratch.scales[i] = scale;
      // A block of zeros has the scale zero.
      Arrays.fill(scratch.steps, at, end, step == 0 ? 1 : step);
      at = end;
    }
    // The sum has no bits for fractions, so it is rounded, and its lowest byte is the integer.
    for (int i = 0; i < count; i++) {
      weights[i] = weights[i] / scratch.steps[i] + 0x1.8p23f;
    }
    bits(weights, count, scratch);
    for (int i = 0; i < count; i++) {
      scratch.bytes[i] = (byte) bits[i];
    }
  }

  /**
   * The scale of a block: the nearest F16 to 1/127 of the greatest magnitude, or the next one where
   * the greatest would come out as 128 or more. It does only below F16's normal numbers, where the
   * nearest may be far off.
   */
  private static short scale(float greatest) {
    short nearest = Float.floatToFloat16(greatest / 127);
    boolean fits = greatest < 127.5f * Float.float16ToFloat(nearest) || greatest == 0;
    return fits ? nearest : (short) (nearest + 1);
  }

  /** The floats' bits; loops that mix the two would not be vectorised. */
  private static int[] bits(float[] floats, int count, Scratch scratch) {
    MemorySegment.copy(
        MemorySegment.ofArray(floats), ValueLayout.JAVA_INT_UNALIGNED, 0, scratch.bits, 0, count);
    return scratch.bits;
  }

  /** The bits of the greatest magnitude, of which NaN is the greatest; they order as integers. */
  private static int greatest(int[] bits, int from, int to) {
    int greatest = 0;
    for (int i = from; i < to; i++) {
      greatest = Math.max(greatest, bits[i] & 0x7FFFFFFF);
    }
    return greatest;
  }

  private InputException overflow(long element, float weight, String instead) {
    return new InputException(
        "%s is %s, more than %s can hold: use %s".formatted(place(element), weight, type, instead));
  }

  private InputException noScale(long start, int from, int to, float[] weights) {
    int worst = from;
    for (int i = from; i < to; i++) {
      if (!(Math.abs(weights[i]) <= Math.abs(weights[worst]))) {
        worst = i;
      }
    }
    return overflow(start + worst, weights[worst], "bf16");
  }

  private String place(long element) {
    BlockGrid grid = grid();
    return "tensor %s: the weight at [%d, %d]"
        .formatted(from.name(), element / grid.columns(), element % grid.columns());
  }
}
