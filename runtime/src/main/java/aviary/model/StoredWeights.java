package aviary.model;

import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The numbers of a tensor as floats, whatever their type. It copies pieces to arrays and works
 * there, in simple loops, since the compiler turns these into vector instructions.
 *
 * @param tensor the weights
 * @param scale their scales, if they are in Q8_0; else null
 */
record StoredWeights(Tensor tensor, Tensor scale) implements WeightSource {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public Reader reader() {
    return switch (tensor.dtype()) {
      case BF16 -> new Bf16Reader(tensor);
      case F16 -> new F16Reader(tensor);
      case I8 -> new Q8Reader(tensor, scale);
      default -> (start, count, out) -> tensor.read(start, out, 0, count);
    };
  }

  private static void copyShorts(Tensor from, long start, short[] to, int count) {
    MemorySegment.copy(from.data(), SHORT, start * DType.F16.bytes(), to, 0, count);
  }

  private static final class Bf16Reader implements Reader {
    private final Tensor tensor;
    private final short[] shorts = new short[MOST];
    private final int[] bits = new int[MOST];

    Bf16Reader(Tensor tensor) {
      this.tensor = tensor;
    }

    @Override
    public void read(long start, int count, float[] out) {
      copyShorts(tensor, start, shorts, count);
      for (int i = 0; i < count; i++) {
        bits[i] = shorts[i] << 16;
      }
      MemorySegment.copy(
          MemorySegment.ofArray(bits), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, out, 0, count);
    }
  }

  private static final class F16Reader implements Reader {
    private final Tensor tensor;
    private final short[] shorts = new short[MOST];

    F16Reader(Tensor tensor) {
      this.tensor = tensor;
    }

    @Override
    public void read(long start, int count, float[] out) {
      copyShorts(tensor, start, shorts, count);
      for (int i = 0; i < count; i++) {
        out[i] = Float.float16ToFloat(shorts[i]);
      }
    }
  }

  private static final class Q8Reader implements Reader {
    private final Tensor tensor;
    private final Tensor scale;
    private final BlockGrid grid;
    private final byte[] bytes = new byte[MOST];
    private final short[] scales = new short[MOST];
    private final int[] ends = new int[MOST];
    private final float[] steps = new float[MOST];

    Q8Reader(Tensor tensor, Tensor scale) {
      this.tensor = tensor;
      this.scale = scale;
      this.grid = BlockGrid.of(tensor.shape());
    }

    @Override
    public void read(long start, int count, float[] out) {
      MemorySegment.copy(tensor.data(), ValueLayout.JAVA_BYTE, start, bytes, 0, count);
      int blocks = grid.ends(start, count, ends);
      copyShorts(scale, grid.block(start), scales, blocks);
      int at = 0;
      for (int i = 0; i < blocks; i++) {
        Arrays.fill(steps, at, ends[i], Float.float16ToFloat(scales[i]));
        at = ends[i];
      }
      for (int i = 0; i < count; i++) {
        out[i] = bytes[i] * steps[i];
      }
    }
  }
}
