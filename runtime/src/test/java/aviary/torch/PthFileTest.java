package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.SharedData;
import aviary.safetensors.DType;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PthFileTest {
  private static final long[] MATRIX = {2, 3};
  private static final long[] ROWS = {3, 1};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsViewsOfAllKinds(boolean zip64) throws IOException {
    Path path = folder.resolve("model.pth");
    Files.write(path, SavedModel.zip(zip64, SavedModel.pickle()).end());
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = PthFile.open(path, arena).tensors();
      SavedModel.assertRead(tensors);
      assertEquals("none F16[0, 5]", tensors.get("none").toString());
    }
  }

  @Test
  void contiguousViewsAreUsedInPlaceAndOthersCopiedOnce() throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    long[] shape = {3, 2};
    long[] strides = {1, 3};
    SavedModel.tensor(pickle, "matrix", SavedModel.FLOATS, 0, MATRIX, ROWS);
    SavedModel.tensor(pickle, "row", SavedModel.FLOATS, 3, new long[] {3}, new long[] {1});
    SavedModel.tensor(pickle, "transpose", SavedModel.FLOATS, 0, shape, strides);
    SavedModel.tensor(pickle, "tied", SavedModel.FLOATS, 0, shape, strides);
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = open(pickle.op('u').end(), arena).tensors();
      long matrix = tensors.get("matrix").data().address();
      assertTrue(tensors.get("matrix").data().isMapped());
      assertEquals(matrix + 12, tensors.get("row").data().address());
      long copy = tensors.get("transpose").data().address();
      assertNotEquals(matrix, copy);
      assertEquals(copy, tensors.get("tied").data().address());
    }
  }

  @Test
  void readsViewsOfThreeDimensions() throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    SavedModel.tensor(
        pickle, "t", SavedModel.HALVES, 0, new long[] {2, 1, 2}, new long[] {1, 9, 2});
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = open(pickle.op('u').end(), arena).tensors().get("t");
      assertArrayEquals(new float[] {0, 2, 1, 3}, tensor.toFloats());
    }
  }

  @Test
  void readsParametersAndTypedBytesAndAttributes() throws IOException {
    PickleBytes pickle =
        new PickleBytes().global("collections", "OrderedDict").raw(')', 'R', '(').string("p");
    pickle.global("torch._utils", "_rebuild_parameter").op('(');
    pickle.tensor(SavedModel.FLOATS, 0, MATRIX, ROWS).raw(0x88, '}', 't', 'R').string("typed");
    pickle.global("torch._utils", "_rebuild_tensor_v3").op('(');
    pickle.storage(new PickleBytes.Storage("UntypedStorage", "1", 8));
    pickle.integer(0).integers(4).integers(1).raw(0x89, '}').global("torch", "uint16");
    pickle.raw('t', 'R', 'u').raw('}').string("_metadata").raw('}', 's', 'b');
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = open(pickle.end(), arena).tensors();
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, tensors.get("p").toFloats());
      assertEquals("typed U16[4]", tensors.get("typed").toString());
    }
  }

  @Test
  void readsTheNewerOperations() throws IOException {
    // Protocol 4: frames, short strings, globals from the stack, memo by order.
    PickleBytes pickle = new PickleBytes().raw(0x80, 4, 0x95, 1, 2, 3, 4, 5, 6, 7, 8);
    pickle.raw('}', 0x94, '(', 0x8c, 1, 'm', 0x94);
    pickle.raw(0x8c, 12).ascii("torch._utils").raw(0x8c, 18).ascii("_rebuild_tensor_v2");
    pickle.raw(0x93, '(').storage(SavedModel.FLOATS).integer(0);
    pickle.raw(0x8a, 1, 2, 'K', 3, 0x86, 'K', 3, 'K', 1, 0x86, 0x89, '}', 't', 'R');
    pickle.raw('u', 'h', 0);
    try (Arena arena = Arena.ofConfined()) {
      assertEquals("m F32[2, 3]", open(pickle.end(), arena).tensors().get("m").toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict", "model", "anything"})
  void entersADictionaryThatHoldsTheTensors(String key) throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(').string("epoch").integer(-7);
    pickle.string("rate").raw('G', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0).string("note").string("good");
    pickle.string("optimizer").raw('}').integer(3).raw(']', 'N', 'a', 's');
    pickle.string(key).raw('}', '(');
    SavedModel.tensor(pickle, "m", SavedModel.FLOATS, 0, MATRIX, ROWS);
    pickle.raw('u', 'u');
    try (Arena arena = Arena.ofConfined()) {
      PthFile file = open(pickle.end(), arena);
      assertEquals(List.of("m"), List.copyOf(file.tensors().keySet()));
      assertEquals(Map.of("epoch", "-7", "rate", "0.5", "note", "good"), file.metadata());
    }
  }

  @Test
  void readsACompressedPickle() throws IOException {
    byte[] pickle = SavedModel.pickle();
    Path path = folder.resolve("deflated.pth");
    byte[] deflated = deflate(pickle);
    var claim = new ZipBytes.Claim("a/data.pkl", 8, deflated.length, pickle.length);
    Files.write(
        path,
        new ZipBytes(false)
            .add(claim, deflated)
            .add("a/data/0", SavedModel.floats())
            .add("a/data/1", SavedModel.halves())
            .end());
    try (Arena arena = Arena.ofShared()) {
      assertEquals(5, PthFile.open(path, arena).tensors().size());
    }
  }

  @Test
  void readsShards() throws IOException {
    Files.move(SavedModel.file(folder, SavedModel.pickle()), folder.resolve("m-1.bin"));
    Path index = folder.resolve("pytorch_model.bin.index.json");
    Files.writeString(index, "{\"weight_map\":{\"row\":\"m-1.bin\",\"matrix\":\"m-1.bin\"}}");
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(
          List.of("matrix", "row"),
          List.copyOf(PthFile.openSharded(index, arena).tensors().keySet()));
    }
  }

  @Test
  void theTinyEagleIsItsSafetensorsRoundedToBfloat16() throws IOException {
    Path pth = SharedData.file("models/tiny-eagle-5v2.bf16.pth");
    Path safetensors = SharedData.file("models/tiny-eagle-5v2.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> wanted = SafetensorsFile.open(safetensors, arena).tensors();
      Map<String, Tensor> found = PthFile.open(pth, arena).tensors();
      assertEquals(wanted.keySet(), found.keySet());
      for (Tensor tensor : wanted.values()) {
        Tensor rounded = found.get(tensor.name());
        assertArrayEquals(tensor.shape(), rounded.shape(), tensor.name());
        assertEquals(DType.BF16, rounded.dtype(), tensor.name());
        float[] exact = tensor.toFloats();
        for (int i = 0; i < exact.length; i++) {
          exact[i] = roundToBfloat16(exact[i]);
        }
        assertArrayEquals(exact, rounded.toFloats(), tensor.name());
      }
    }
  }

  /** To the nearest, ties to even: adding just under half of the last place kept, or half. */
  private static float roundToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
  }

  private static byte[] deflate(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var raw = new java.util.zip.Deflater(9, true);
    try (var deflater = new DeflaterOutputStream(out, raw)) {
      deflater.write(bytes);
    }
    raw.end();
    return out.toByteArray();
  }

  private PthFile open(byte[] pickle, Arena arena) throws IOException {
    return PthFile.open(SavedModel.file(folder, pickle), arena);
  }
}
