package aviary.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q8_0: a byte a weight, row by row, and for every {@value #BLOCK} weights of a row an F16 scale.
 *
 * @param data the bytes, [out, in]
 * @param scales [out, ceil(in / 32)]
 */
record Q8Matrix(MemorySegment data, MemorySegment scales, int outs, int ins) implements Matrix {
  private static final int BLOCK = 32;

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
    return (ins + BLOCK - 1) / BLOCK;
  }

  @Override
  public void flat(float[] x, int xAt, float[] y, int yAt, int from, int to) {
    FloatVector a = Lanes.zero();
    FloatVector b = a;
    long begin = (long) from * ins;
    long beginOfScales = 2L * from * blocks();
    int steps = (to - from) * (ins / step());
    int column = 0;
    int row = yAt + from;
    for (int s = 0; s < steps; s++) {
      long at = begin + (long) step() * s;
      long scale = beginOfScales + 4L * s;
      int i = xAt + column;
      a = block(at, x, i).fma(Lanes.all(scale(scale)), a);
      b = block(at + BLOCK, x, i + BLOCK).fma(Lanes.all(scale(scale + 2)), b);
      column += step();
      if (column == ins) {
        y[row++] = Sums.one(a.add(b));
        a = Lanes.zero();
        b = a;
        column = 0;
      }
    }
  }

  /** The products of a block's bytes with activations, summed to one vector. */
  private FloatVector block(long begin, float[] x, int i) {
    FloatVector sum = load(begin, 0).mul(Lanes.load(x, i));
    for (int k = L; k < BLOCK; k += L) {
      sum = load(begin, k).fma(Lanes.load(x, i + k), sum);
    }
    return sum;
  }

  /** A block's bytes from the {@code k}-th on, as many as there are lanes, without the scale. */
  private FloatVector load(long begin, int k) {
    long at = begin + k / BYTES.length() * BYTES.length();
    return (FloatVector)
        ByteVector.fromMemorySegment(BYTES, data, at, Lanes.ORDER)
            .convertShape(VectorOperators.B2F, Lanes.FLOATS, k / L % PARTS);
  }

  private float scale(long at) {
    return Float.float16ToFloat(scales.get(SHORT, at));
  }

  @Override
  public void widen(int row, float[] out, int at) {
    long begin = (long) row * ins;
    long scale = 2L * row * blocks();
    for (int block = 0; block < blocks(); block++) {
      int end = Math.min(ins, (block + 1) * BLOCK);
      float factor = scale(scale + 2L * block);
      int i = block * BLOCK;
      if (end - i == BLOCK) {
        for (int k = 0; k < BLOCK; k += L) {
          load(begin + i, k).mul(factor).intoArray(out, at + i + k);
        }
        i = end;
      }
      for (; i < end; i++) {
        out[at + i] = data.get(ValueLayout.JAVA_BYTE, begin + i) * factor;
      }
    }
  }
}
