package aviary.tornado;

import aviary.model.Model;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Q8_0;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;

/** Copies a model's matrices into the arrays that go to a device. */
final class MatrixLoader {

  /** Rows that are copied together, at least as many floats. */
  private static final int PIECE = 1 << 16;

  private final Model model;

  MatrixLoader(Model model) {
    this.model = model;
  }

  /**
   * Whether the device gets the matrix as {@link Matrices.Q8}: the kernel takes whole blocks only.
   */
  boolean isQ8(String name) {
    Tensor tensor = model.tensor(name);
    return tensor.dtype() == DType.I8 && tensor.shape()[1] % Q8_0.BLOCK == 0;
  }

  /** The bytes that a matrix takes on the device. */
  long bytes(String name) {
    long elements = model.tensor(name).elements();
    return isQ8(name) ? elements + elements / Q8_0.BLOCK * Float.BYTES : elements * Float.BYTES;
  }

  /**
   * Writes rows of a matrix as floats, [out, in].
   *
   * @param layout how it lies in its tensor
   * @param firstRow the first of the tensor's rows, where it is laid out so
   * @param rows how many
   * @param at where in the array they go
   */
  void writeFloats(
      String name, Layout layout, long firstRow, long rows, FloatArray array, long at) {
    Tensor tensor = model.tensor(name);
    if (tensor.dtype() == DType.I8) {
      writeWidened(tensor, model.tensor(Q8_0.scaleName(name)), firstRow, rows, array, at);
    } else if (layout == Layout.IN_OUT) {
      writeTransposed(tensor, array, at);
    } else {
      long columns = tensor.elements() / tensor.shape()[0];
      copy(tensor, firstRow * columns, rows * columns, array, at);
    }
  }

  /** Writes a tensor's elements as they lie. */
  static void copy(Tensor tensor, long from, long count, FloatArray array, long at) {
    MemorySegment to = array.getSegment();
    float[] piece = new float[(int) Math.min(PIECE, count)];
    for (long done = 0; done < count; done += piece.length) {
      int more = (int) Math.min(piece.length, count - done);
      tensor.read(from + done, piece, 0, more);
      MemorySegment.copy(piece, 0, to, ValueLayout.JAVA_FLOAT, (at + done) * Float.BYTES, more);
    }
  }

  private static void writeTransposed(Tensor tensor, FloatArray array, long at) {
    int ins = Math.toIntExact(tensor.shape()[0]);
    int outs = Math.toIntExact(tensor.shape()[1]);
    float[] numbers = tensor.toFloats();
    MemorySegment to = array.getSegment();
    for (int i = 0; i < ins; i++) {
      for (int o = 0; o < outs; o++) {
        to.setAtIndex(ValueLayout.JAVA_FLOAT, at + (long) o * ins + i, numbers[i * outs + o]);
      }
    }
  }

  private static void writeWidened(
      Tensor bytes, Tensor scales, long firstRow, long rows, FloatArray array, long at) {
    int columns = Math.toIntExact(bytes.shape()[1]);
    int blocks = Math.toIntExact(Q8_0.blocks(columns));
    MemorySegment to = array.getSegment();
    float[] factors = new float[blocks];
    for (long row = firstRow; row < firstRow + rows; row++) {
      scales.read(row * blocks, factors, 0, blocks);
      for (int i = 0; i < columns; i++) {
        byte weight = bytes.data().get(ValueLayout.JAVA_BYTE, row * columns + i);
        to.setAtIndex(
            ValueLayout.JAVA_FLOAT,
            at + (row - firstRow) * columns + i,
            weight * factors[i / Q8_0.BLOCK]);
      }
    }
  }

  /**
   * Writes rows of a Q8_0 matrix.
   *
   * @param at where in the array of bytes they go
   */
  void writeQ8(
      String name, long firstRow, long rows, Int8Array weights, FloatArray scales, long at) {
    Tensor tensor = model.tensor(name);
    long columns = tensor.shape()[1];
    MemorySegment.copy(tensor.data(), firstRow * columns, weights.getSegment(), at, rows * columns);
    long blocks = columns / Q8_0.BLOCK;
    copy(
        model.tensor(Q8_0.scaleName(name)),
        firstRow * blocks,
        rows * blocks,
        scales,
        at / Q8_0.BLOCK);
  }
}
