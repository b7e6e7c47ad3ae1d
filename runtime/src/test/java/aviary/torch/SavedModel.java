package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import aviary.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Small files as torch.save writes them. */
final class SavedModel {
  static final PickleBytes.Storage FLOATS = new PickleBytes.Storage("FloatStorage", "0", 6);
  static final PickleBytes.Storage HALVES = new PickleBytes.Storage("HalfStorage", "1", 4);

  private SavedModel() {}

  /** Six floats, 0 to 5: the storage {@link #FLOATS}. */
  static byte[] floats() {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      bytes.putFloat(i);
    }
    return bytes.array();
  }

  /** Four half floats, 0 to 3: the storage {@link #HALVES}. */
  static byte[] halves() {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      bytes.putShort(Float.floatToFloat16(i));
    }
    return bytes.array();
  }

  /** A zip of a pickle and both storages. */
  static ZipBytes zip(boolean zip64, byte[] pickle) {
    return new ZipBytes(zip64)
        .add("archive/data.pkl", pickle)
        .add("archive/byteorder", "little".getBytes(StandardCharsets.UTF_8))
        .add("archive/data/0", floats())
        .add("archive/data/1", halves());
  }

  /** A file of a pickle and both storages. */
  static Path file(Path folder, byte[] pickle) throws IOException {
    return Files.write(folder.resolve("model.pth"), zip(false, pickle).end());
  }

  /**
   * A dictionary of a matrix, its transpose, a row of it, a half-precision scalar and an empty
   * tensor.
   */
  static byte[] pickle() {
    PickleBytes pickle = new PickleBytes().global("collections", "OrderedDict").raw(')', 'R', '(');
    tensor(pickle, "matrix", FLOATS, 0, new long[] {2, 3}, new long[] {3, 1});
    tensor(pickle, "transpose", FLOATS, 0, new long[] {3, 2}, new long[] {1, 3});
    tensor(pickle, "row", FLOATS, 3, new long[] {1, 3}, new long[] {77, 1});
    tensor(pickle, "scalar", HALVES, 3, new long[] {}, new long[] {});
    tensor(pickle, "none", HALVES, 0, new long[] {0, 5}, new long[] {5, 1});
    return pickle.op('u').end();
  }

  /** Fails unless these are the tensors of {@link #pickle()}. */
  static void assertRead(Map<String, Tensor> tensors) {
    assertEquals(
        List.of("matrix", "transpose", "row", "scalar", "none"), List.copyOf(tensors.keySet()));
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, tensors.get("matrix").toFloats());
    assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, tensors.get("transpose").toFloats());
    assertArrayEquals(new float[] {3, 4, 5}, tensors.get("row").toFloats());
    assertArrayEquals(new float[] {3}, tensors.get("scalar").toFloats());
  }

  /** A name and a tensor, for a dictionary. */
  static void tensor(
      PickleBytes pickle,
      String name,
      PickleBytes.Storage storage,
      long offset,
      long[] shape,
      long[] strides) {
    pickle.string(name).tensor(storage, offset, shape, strides);
  }
}
