package aviary.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * A matrix of random weights as it lies in memory, and the same weights as plain numbers.
 *
 * @param matrix what is tested
 * @param weights what it holds, exactly, [out, in]
 */
record KnownMatrix(Matrix matrix, float[] weights) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int BLOCK = 32;

  /** How weights are stored. */
  enum Type {
    F32,
    BF16,
    F16,
    Q8;

    /**
     * Draws a matrix.
     *
     * @param aligned whether it begins at a multiple of 64 bytes, or behind one
     */
    KnownMatrix draw(RandomInput input, int outs, int ins, boolean aligned) {
      return switch (this) {
        case F32 -> f32(input, outs, ins, aligned);
        case BF16 -> bf16(input.floats(outs * ins), outs, ins, aligned);
        case F16 -> f16(halves(input.random(), outs * ins), outs, ins, aligned);
        case Q8 -> q8(input.random(), outs, ins, aligned);
      };
    }
  }

  /** The weight at a row and a column. */
  float at(int row, int column) {
    return weights[row * matrix.ins() + column];
  }

  private static KnownMatrix f32(RandomInput input, int outs, int ins, boolean aligned) {
    float[] weights = input.floats(outs * ins);
    MemorySegment data = memory(4L * weights.length, aligned);
    for (int i = 0; i < weights.length; i++) {
      data.set(FLOAT, 4L * i, weights[i]);
    }
    return new KnownMatrix(new F32Matrix(data, outs, ins), weights);
  }

  private static KnownMatrix bf16(float[] numbers, int outs, int ins, boolean aligned) {
    short[] uppers = new short[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      uppers[i] = (short) (Float.floatToRawIntBits(numbers[i]) >>> 16);
    }
    return bf16(uppers, outs, ins, aligned);
  }

  /** A BF16 matrix of the given numbers. */
  static KnownMatrix bf16(short[] uppers, int outs, int ins, boolean aligned) {
    float[] weights = new float[uppers.length];
    for (int i = 0; i < uppers.length; i++) {
      weights[i] = Float.intBitsToFloat(uppers[i] << 16);
    }
    return new KnownMatrix(new Bf16Matrix(memory(uppers, aligned), outs, ins), weights);
  }

  /** An F16 matrix of the given numbers. */
  static KnownMatrix f16(short[] halves, int outs, int ins, boolean aligned) {
    float[] weights = new float[halves.length];
    for (int i = 0; i < halves.length; i++) {
      weights[i] = Float.float16ToFloat(halves[i]);
    }
    return new KnownMatrix(new F16Matrix(memory(halves, aligned), outs, ins), weights);
  }

  /** Of both signs and all sizes; one in eight is subnormal or a zero. */
  private static short[] halves(Random random, int count) {
    short[] halves = new short[count];
    for (int i = 0; i < count; i++) {
      int sign = random.nextInt(2) << 15;
      int size =
          switch (random.nextInt(16)) {
            case 0 -> 0;
            case 1 -> random.nextInt(0x400);
            default -> Float.floatToFloat16((float) Math.abs(random.nextGaussian()));
          };
      halves[i] = (short) (sign | size);
    }
    return halves;
  }

  /** Bytes from -128 to 127, with scales of both signs, some of them subnormal or zero. */
  private static KnownMatrix q8(Random random, int outs, int ins, boolean aligned) {
    int blocks = (ins + BLOCK - 1) / BLOCK;
    short[] scales = halves(random, outs * blocks);
    byte[] bytes = new byte[outs * ins];
    random.nextBytes(bytes);
    MemorySegment data = memory(bytes.length, aligned);
    float[] weights = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      data.set(ValueLayout.JAVA_BYTE, i, bytes[i]);
      double scale = Float.float16ToFloat(scales[i / ins * blocks + i % ins / BLOCK]);
      weights[i] = (float) (bytes[i] * scale); // 8 bits by 11: a float holds it exactly.
    }
    return new KnownMatrix(new Q8Matrix(data, memory(scales, aligned), outs, ins), weights);
  }

  private static MemorySegment memory(short[] numbers, boolean aligned) {
    MemorySegment data = memory(2L * numbers.length, aligned);
    for (int i = 0; i < numbers.length; i++) {
      data.set(SHORT, 2L * i, numbers[i]);
    }
    return data;
  }

  /** Exactly so many bytes, so that reading one more fails. */
  private static MemorySegment memory(long bytes, boolean aligned) {
    return aligned
        ? Arena.ofAuto().allocate(bytes, 64)
        : Arena.ofAuto().allocate(bytes + 1, 64).asSlice(1);
  }
}
