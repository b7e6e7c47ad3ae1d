package aviary.cpu;

import aviary.model.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
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

  private static final int L = Lanes.COUNT;

  /** As many bytes as there are lanes, but no fewer than a vector can have. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, Lanes.FLOATS.vectorBitSize() / 4)));

  /** How many vectors of floats become of one of bytes. */
  private static final int PARTS = BYTES.length() / L;

  @Override
  public int step() {
    return 2 * BLOCK;
  }

  private int blocks() {
    return (int) Q8_0.blocks(ins);
  }

  /** Row by row, unlike the other types: a row's scales become floats before its bytes. */
  @Override
  public void flat(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    MemorySegment bytes = data;
    int columns = ins;
    float[] factors = new float[blocks()];
    for (int row = from; row < to; row++) {
      widenScales(row, factors);
      y[yAt + row] = row(bytes, (long) row * columns, columns, factors, x, xAt);
    }
  }

  private static float row(
      MemorySegment bytes, long begin, int columns, float[] factors, float[] x, int xAt) {
    FloatVector a = Lanes.zero();
    FloatVector b = a;
    for (int i = 0; i < columns; i += 2 * BLOCK) {
      int block = i / BLOCK;
      FloatVector even = block(bytes, begin + i, x, xAt + i);
      FloatVector odd = block(bytes, begin + i + BLOCK, x, xAt + i + BLOCK);
      a = even.fma(Lanes.all(factors[block]), a);
      b = odd.fma(Lanes.all(factors[block + 1]), b);
    }
    return Sums.one(a.add(b));
  }

  private void widenScales(int row, float[] factors) {
    long begin = 2L * row * factors.length;
    int i = 0;
    for (; i < Lanes.whole(factors.length); i += L) {
      F16Matrix.load(scales, begin + 2L * i).intoArray(factors, i);
    }
    for (; i < factors.length; i++) {
      factors[i] = Float.float16ToFloat(scales.get(SHORT, begin + 2L * i));
    }
  }

  /**
   * The products of a block's bytes with activations, summed to one vector. Written out, since the
   * places of vectors in a block have to be constants for the compiler.
   */
  private static FloatVector block(MemorySegment bytes, long begin, float[] x, int i) {
    FloatVector sum = load(bytes, begin, 0).mul(Lanes.load(x, i));
    sum = load(bytes, begin, L).fma(Lanes.load(x, i + L), sum);
    if (L <= 8) {
      sum = load(bytes, begin, 2 * L).fma(Lanes.load(x, i + 2 * L), sum);
      sum = load(bytes, begin, 3 * L).fma(Lanes.load(x, i + 3 * L), sum);
    }
    if (L <= 4) {
      sum = load(bytes, begin, 4 * L).fma(Lanes.load(x, i + 4 * L), sum);
      sum = load(bytes, begin, 5 * L).fma(Lanes.load(x, i + 5 * L), sum);
      sum = load(bytes, begin, 6 * L).fma(Lanes.load(x, i + 6 * L), sum);
      sum = load(bytes, begin, 7 * L).fma(Lanes.load(x, i + 7 * L), sum);
    }
    return sum;
  }

  /** A block's bytes from the {@code k}-th on, as many as there are lanes, without the scale. */
  private static FloatVector load(MemorySegment bytes, long begin, int k) {
    long at = begin + k / BYTES.length() * BYTES.length();
    return (FloatVector)
        ByteVector.fromMemorySegment(BYTES, bytes, at, Lanes.ORDER)
            .convertShape(VectorOperators.B2F, Lanes.FLOATS, k / L % PARTS);
  }

  @Override
  public void widen(int row, float[] out, int at) {
    long begin = (long) row * ins;
    float[] factors = new float[blocks()];
    widenScales(row, factors);
    for (int block = 0; block < factors.length; block++) {
      float factor = factors[block];
      int i = block * BLOCK;
      int end = Math.min(ins, i + BLOCK);
      if (end - i == BLOCK) {
        for (int k = 0; k < BLOCK; k += L) {
          load(data, begin + i, k).mul(factor).intoArray(out, at + i + k);
        }
        i = end;
      }
      for (; i < end; i++) {
        out[at + i] = data.get(ValueLayout.JAVA_BYTE, begin + i) * factor;
      }
    }
  }
}
