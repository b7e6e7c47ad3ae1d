package aviary.model;

import static aviary.model.WeightSource.Reader.MOST;

import aviary.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;

/**
 * Rounds floats to the types of weights, for one thread. Everything is in simple loops over arrays,
 * and loops that would mix floats with their bits are two, since the compiler turns such into
 * vector instructions. The arrays that it returns are its own, and good until the next call.
 */
final class WeightRounding {

  /** The least magnitude that rounds to infinity: halfway from the greatest number to the next. */
  private static final float F16_OVERFLOW = 65520;

  private static final float BF16_OVERFLOW = 0x1.FFp127f;

  /** A float this large has no bits for fractions: to add it is to round to an integer. */
  private static final float NO_FRACTIONS = 0x1.8p23f;

  private final String name;
  private final BlockGrid grid;
  private final int[] bits = new int[MOST];
  private final short[] shorts = new short[MOST];
  private final byte[] bytes = new byte[MOST];
  private final short[] scales = new short[MOST];
  private final int[] ends = new int[MOST];
  private final float[] scaled = new float[MOST];

  /**
   * @param name the tensor, for messages
   * @param grid its blocks
   */
  WeightRounding(String name, BlockGrid grid) {
    this.name = name;
    this.grid = grid;
  }

  /**
   * Rounds to the nearest BF16; of two, the even one. NaN and infinity stay what they are.
   *
   * @param weights the numbers
   * @param count how many
   * @param start the place of the first in the tensor, for messages
   * @throws InputException if a finite one would become infinite
   */
  short[] toBf16(float[] weights, int count, long start) {
    copyBits(weights, count);
    if (greatest(0, count) >= Float.floatToRawIntBits(BF16_OVERFLOW)) {
      requireBelow(BF16_OVERFLOW, weights, count, start, WeightType.BF16, WeightType.F32);
      for (int i = 0; i < count; i++) {
        // Else the carry would make one that has all bits set a zero.
        bits[i] = Float.isNaN(weights[i]) ? 0x7FC00000 : bits[i];
      }
    }
    for (int i = 0; i < count; i++) {
      bits[i] = bits[i] + 0x7FFF + (bits[i] >>> 16 & 1) >>> 16;
    }
    for (int i = 0; i < count; i++) {
      shorts[i] = (short) bits[i];
    }
    return shorts;
  }

  /** As {@link #toBf16}, to F16. */
  short[] toF16(float[] weights, int count, long start) {
    copyBits(weights, count);
    if (greatest(0, count) >= Float.floatToRawIntBits(F16_OVERFLOW)) {
      requireBelow(F16_OVERFLOW, weights, count, start, WeightType.F16, WeightType.BF16);
    }
    for (int i = 0; i < count; i++) {
      shorts[i] = Float.floatToFloat16(weights[i]);
    }
    return shorts;
  }

  /**
   * Rounds to Q8_0: leaves the weights in {@link #bytes} and the scales in {@link #scales}.
   *
   * @return the number of blocks
   * @throws InputException if a number is too large for it, or none
   */
  int toQ8(float[] weights, int count, long start) {
    copyBits(weights, count);
    int blocks = grid.ends(start, count, ends);
    int at = 0;
    for (int i = 0; i < blocks; i++) {
      scales[i] = scale(Float.intBitsToFloat(greatest(at, ends[i])));
      float step = Float.float16ToFloat(scales[i]);
      if (!Float.isFinite(step)) {
        throw cannotHold(start, weights, at, ends[i]);
      }
      // In a block of zeros any step will do, and its own is zero.
      Arrays.fill(scaled, at, ends[i], step == 0 ? 1 : step);
      at = ends[i];
    }
    for (int i = 0; i < count; i++) {
      scaled[i] = weights[i] / scaled[i] + NO_FRACTIONS;
    }
    copyBits(scaled, count);
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) bits[i];
    }
    return blocks;
  }

  /**
   * The scale of a block: the nearest F16 to 1/127 of the greatest magnitude, or the next one where
   * the greatest would come out as 128. That happens only below F16's normal numbers, which are
   * coarse: without it, blocks of tiny weights would lose up to a third of the greatest.
   */
  private static short scale(float greatest) {
    short nearest = Float.floatToFloat16(greatest / 127);
    boolean fits = greatest < 127.5f * Float.float16ToFloat(nearest) || greatest == 0;
    return fits ? nearest : (short) (nearest + 1);
  }

  /** The bytes that {@link #toQ8} made. */
  byte[] bytes() {
    return bytes;
  }

  /** The scales that {@link #toQ8} made: an F16 for each block. */
  short[] scales() {
    return scales;
  }

  private void copyBits(float[] floats, int count) {
    MemorySegment.copy(
        MemorySegment.ofArray(floats), ValueLayout.JAVA_INT_UNALIGNED, 0, bits, 0, count);
  }

  /**
   * Of a range of bits those of the greatest magnitude: they order as the numbers do, and NaN is
   * above all.
   */
  private int greatest(int from, int to) {
    int greatest = 0;
    for (int i = from; i < to; i++) {
      greatest = Math.max(greatest, bits[i] & 0x7FFFFFFF);
    }
    return greatest;
  }

  private void requireBelow(
      float limit, float[] weights, int count, long start, WeightType type, WeightType instead) {
    for (int i = 0; i < count; i++) {
      if (Math.abs(weights[i]) >= limit && Float.isFinite(weights[i])) {
        throw cannotHold(start + i, weights[i], type, instead);
      }
    }
  }

  private InputException cannotHold(long start, float[] weights, int from, int to) {
    int worst = from;
    for (int i = from; i < to; i++) {
      if (Float.compare(Math.abs(weights[i]), Math.abs(weights[worst])) > 0) {
        worst = i;
      }
    }
    return cannotHold(start + worst, weights[worst], WeightType.Q8_0, WeightType.BF16);
  }

  private InputException cannotHold(
      long element, float weight, WeightType type, WeightType instead) {
    return new InputException(
        "tensor %s: the weight at [%d, %d] is %s, which %s cannot hold: use %s"
            .formatted(
                name,
                element / grid.columns(),
                element % grid.columns(),
                weight,
                typed(type),
                typed(instead)));
  }

  /** As users type it. */
  private static String typed(WeightType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
