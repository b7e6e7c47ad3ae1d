package aviary.cpu;

import aviary.model.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Q8_0}: a byte a weight, row by row, and for every {@value #BLOCK} weights of a row an F16
 * scale.
 *
 * @param data the bytes, [out, in]
 * @param scales [out, ceil(in / 32)]
 */
record Q8Matrix(MemorySegment data, MemorySegment scales, int outs, int ins) implements Matrix {
  private static final int BLOCK = Q8_0.BLOCK;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Loops LOOPS = new Loops();

  /** As many bytes as there are lanes, but no fewer than a vector can have. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, Lanes.FLOATS.vectorBitSize() / 4)));

  /** How many vectors of floats become of one of bytes. */
  private static final int PARTS = BYTES.length() / L;

  @Override
  public int step() {
    return BLOCK;
  }

  @Override
  public Loops loops() {
    return LOOPS;
  }

  @Override
  public Matrix reshaped(int newOuts, int newIns) {
    return new Q8Matrix(data, scales, newOuts, newIns);
  }

  private int blocks() {
    return (int) Q8_0.blocks(ins);
  }

  @Override
  public void timesOne(float[] x, float[] y, int yAt, int from, int to) {
    float[] sums = new float[(to - from) * L];
    if (BLOCK == 2 * L) {
      pairs(x, from, to, sums);
    } else {
      rows(x, from, to, sums);
    }
    Sums.all(sums, 0, to - from, y, yAt + from);
  }

  /**
   * Two rows at a time, one from each half of the rows: the processor then fetches two places ahead
   * of their use. Where the number of rows is odd, one is computed twice.
   */
  private void pairs(float[] x, int from, int to, float[] sums) {
    int apart = (to - from) / 2;
    int blocks = blocks();
    float[] factors = new float[2 * blocks];
    for (int row = from; row + apart < to; row++) {
      widenScales(row, factors, 0);
      widenScales(row + apart, factors, blocks);
      pair(
          data,
          (long) row * ins,
          (long) apart * ins,
          ins,
          factors,
          x,
          sums,
          (row - from) * L,
          apart * L);
    }
  }

  /** Row by row, where vectors are shorter than half a block. */
  private void rows(float[] x, int from, int to, float[] sums) {
    float[] factors = new float[blocks()];
    for (int row = from; row < to; row++) {
      widenScales(row, factors, 0);
      row(data, (long) row * ins, ins, factors, x, 0, sums, (row - from) * L);
    }
  }

  /** Two rows where a block fills two vectors; written out, as nothing else is as fast. */
  private static void pair(
      MemorySegment bytes,
      long begin,
      long apart,
      int columns,
      float[] factors,
      float[] x,
      float[] sums,
      int sumsAt,
      int sumsApart) {
    int blocks = columns / BLOCK;
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    for (int i = 0; i < columns; i += BLOCK) {
      long first = begin + i;
      long second = first + apart;
      a =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, bytes, first + L, Lanes.ORDER)
                      .convertShape(VectorOperators.B2F, F, 0))
              .fma(
                  FloatVector.fromArray(F, x, i + L),
                  ((FloatVector)
                          ByteVector.fromMemorySegment(BYTES, bytes, first, Lanes.ORDER)
                              .convertShape(VectorOperators.B2F, F, 0))
                      .mul(FloatVector.fromArray(F, x, i)))
              .fma(FloatVector.broadcast(F, factors[i / BLOCK]), a);
      b =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, bytes, second + L, Lanes.ORDER)
                      .convertShape(VectorOperators.B2F, F, 0))
              .fma(
                  FloatVector.fromArray(F, x, i + L),
                  ((FloatVector)
                          ByteVector.fromMemorySegment(BYTES, bytes, second, Lanes.ORDER)
                              .convertShape(VectorOperators.B2F, F, 0))
                      .mul(FloatVector.fromArray(F, x, i)))
              .fma(FloatVector.broadcast(F, factors[blocks + i / BLOCK]), b);
    }
    a.intoArray(sums, sumsAt);
    b.intoArray(sums, sumsAt + sumsApart);
  }

  /**
   * As {@link #pair} and {@link #row} do it: a block's products are added before they are scaled.
   */
  @Override
  public PlainRow plainRow(float[] x) {
    byte[] weights = new byte[ins];
    float[] factors = new float[blocks()];
    float[] ofBlock = new float[L];
    float[] lanes = new float[L];
    return row -> {
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, (long) row * ins, weights, 0, ins);
      decodeScales(row, factors);
      Arrays.fill(lanes, 0);
      for (int block = 0; block < factors.length; block++) {
        Arrays.fill(ofBlock, 0);
        int end = (block + 1) * BLOCK;
        for (int i = block * BLOCK; i < end; i += L) {
          for (int lane = 0; lane < L; lane++) {
            ofBlock[lane] = Math.fma(weights[i + lane], x[i + lane], ofBlock[lane]);
          }
        }
        for (int lane = 0; lane < L; lane++) {
          lanes[lane] = Math.fma(ofBlock[lane], factors[block], lanes[lane]);
        }
      }
      return PlainProducts.sum(lanes);
    };
  }

  @Override
  public PlainRow plainRowOfFour(float[] x) {
    return BLOCK == 2 * L ? Matrix.super.plainRowOfFour(x) : plainRow(x);
  }

  private void decodeScales(int row, float[] factors) {
    short[] numbers = new short[factors.length];
    MemorySegment.copy(scales, SHORT, 2L * row * numbers.length, numbers, 0, numbers.length);
    for (int block = 0; block < numbers.length; block++) {
      factors[block] = Float.float16ToFloat(numbers[block]);
    }
  }

  @Override
  public void timesFour(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    int size = (to - from) * L;
    float[] sums = new float[4 * size];
    float[] factors = new float[blocks()];
    for (int row = from; row < to; row++) {
      widenScales(row, factors, 0);
      if (BLOCK == 2 * L) {
        rowTimesFour(data, (long) row * ins, ins, factors, x, xAt, sums, (row - from) * L, size);
      } else {
        for (int k = 0; k < 4; k++) {
          row(
              data,
              (long) row * ins,
              ins,
              factors,
              x,
              xAt + k * ins,
              sums,
              k * size + (row - from) * L);
        }
      }
    }
    for (int k = 0; k < 4; k++) {
      Sums.all(sums, k * size, to - from, y, yAt + k * outs + from);
    }
  }

  /** A row with four rows of activations, where a block fills two vectors. */
  private static void rowTimesFour(
      MemorySegment bytes,
      long begin,
      int columns,
      float[] factors,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      int sumsApart) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < columns; i += BLOCK) {
      FloatVector factor = FloatVector.broadcast(F, factors[i / BLOCK]);
      FloatVector u =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, bytes, begin + i, Lanes.ORDER)
                      .convertShape(VectorOperators.B2F, F, 0))
              .mul(factor);
      FloatVector v =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, bytes, begin + i + L, Lanes.ORDER)
                      .convertShape(VectorOperators.B2F, F, 0))
              .mul(factor);
      int at = xAt + i;
      a = u.fma(FloatVector.fromArray(F, x, at), a);
      a = v.fma(FloatVector.fromArray(F, x, at + L), a);
      at += columns;
      b = u.fma(FloatVector.fromArray(F, x, at), b);
      b = v.fma(FloatVector.fromArray(F, x, at + L), b);
      at += columns;
      c = u.fma(FloatVector.fromArray(F, x, at), c);
      c = v.fma(FloatVector.fromArray(F, x, at + L), c);
      at += columns;
      d = u.fma(FloatVector.fromArray(F, x, at), d);
      d = v.fma(FloatVector.fromArray(F, x, at + L), d);
    }
    a.intoArray(sums, sumsAt);
    b.intoArray(sums, sumsAt + sumsApart);
    c.intoArray(sums, sumsAt + 2 * sumsApart);
    d.intoArray(sums, sumsAt + 3 * sumsApart);
  }

  /** A row, where vectors are shorter than half a block. */
  private static void row(
      MemorySegment bytes,
      long begin,
      int columns,
      float[] factors,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt) {
    FloatVector a = FloatVector.zero(F);
    for (int i = 0; i < columns; i += BLOCK) {
      FloatVector sum = FloatVector.zero(F);
      for (int k = i; k < i + BLOCK; k += BYTES.length()) {
        ByteVector b = ByteVector.fromMemorySegment(BYTES, bytes, begin + k, Lanes.ORDER);
        sum =
            ((FloatVector) b.convertShape(VectorOperators.B2F, F, 0))
                .fma(FloatVector.fromArray(F, x, xAt + k), sum);
        if (PARTS == 2) {
          sum =
              ((FloatVector) b.convertShape(VectorOperators.B2F, F, 1))
                  .fma(FloatVector.fromArray(F, x, xAt + k + L), sum);
        }
      }
      a = sum.fma(FloatVector.broadcast(F, factors[i / BLOCK]), a);
    }
    a.intoArray(sums, sumsAt);
  }

  /** A row's scales as floats, made as {@link F16Matrix} makes them, at {@code factors[at ..]}. */
  private void widenScales(int row, float[] factors, int at) {
    int count = blocks();
    long begin = 2L * row * count;
    int i = 0;
    for (; i < Lanes.whole(count); i += L) {
      ((IntVector)
              ShortVector.fromMemorySegment(Lanes.SHORTS, scales, begin + 2L * i, Lanes.ORDER)
                  .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
          .lanewise(VectorOperators.LSHL, 13)
          .and(F16Matrix.SIGN_EXPONENT_FRACTION)
          .reinterpretAsFloats()
          .mul(F16Matrix.REBIAS)
          .intoArray(factors, at + i);
    }
    for (; i < count; i++) {
      factors[at + i] = Float.float16ToFloat(scales.get(SHORT, begin + 2L * i));
    }
  }

  @Override
  public int weightsInInt() {
    return 4;
  }

  /** A tile has two blocks of each row, since it begins where a block does. */
  @Override
  public void widenTile(int[] tile, int row, int column, float[] out, int at, int stride) {
    float[] factors = new float[2 * L];
    for (int r = 0; r < L; r++) {
      long scale = 2L * ((long) (row + r) * blocks() + column / BLOCK);
      factors[r] = Float.float16ToFloat(scales.get(SHORT, scale));
      factors[L + r] = Float.float16ToFloat(scales.get(SHORT, scale + 2));
    }
    for (int c = 0; c < IntTile.SIZE; c++) {
      IntVector four = IntVector.fromArray(Lanes.INTS, tile, c * L);
      FloatVector factor = FloatVector.fromArray(F, factors, c / (BLOCK / 4) * L);
      int to = at + 4 * c * stride;
      byteOf(four, 24).mul(factor).intoArray(out, to);
      byteOf(four, 16).mul(factor).intoArray(out, to + stride);
      byteOf(four, 8).mul(factor).intoArray(out, to + 2 * stride);
      byteOf(four, 0).mul(factor).intoArray(out, to + 3 * stride);
    }
  }

  /** A byte of each int, from the place that is so many bits from the highest. */
  private static FloatVector byteOf(IntVector four, int fromHighest) {
    return (FloatVector)
        four.lanewise(VectorOperators.LSHL, fromHighest)
            .lanewise(VectorOperators.ASHR, 24)
            .convert(VectorOperators.I2F, 0);
  }

  @Override
  public void decode(int row, float[] out) {
    byte[] weights = new byte[ins];
    float[] factors = new float[blocks()];
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, (long) row * ins, weights, 0, ins);
    decodeScales(row, factors);
    for (int i = 0; i < ins; i++) {
      out[i] = weights[i] * factors[i / BLOCK];
    }
  }

  @Override
  public void widen(int row, float[] out, int at) {
    MemorySegment bytes = data;
    long begin = (long) row * ins;
    float[] factors = new float[blocks()];
    widenScales(row, factors, 0);
    for (int block = 0; block < factors.length; block++) {
      float factor = factors[block];
      int i = block * BLOCK;
      int end = Math.min(ins, i + BLOCK);
      for (; i + BYTES.length() <= end; i += BYTES.length()) {
        ByteVector b = ByteVector.fromMemorySegment(BYTES, bytes, begin + i, Lanes.ORDER);
        ((FloatVector) b.convertShape(VectorOperators.B2F, F, 0))
            .mul(factor)
            .intoArray(out, at + i);
        if (PARTS == 2) {
          ((FloatVector) b.convertShape(VectorOperators.B2F, F, 1))
              .mul(factor)
              .intoArray(out, at + i + L);
        }
      }
      for (; i < end; i++) {
        out[at + i] = bytes.get(ValueLayout.JAVA_BYTE, begin + i) * factor;
      }
    }
  }
}
