package aviary.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aviary.safetensors.MalformedFileException;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pickle may ask for beside tensors: what {@code torch.load(weights_only=True)} takes. */
class PthGlobalsTest {
  @TempDir Path folder;

  /** A dictionary that has the tensor m, to which a test adds. */
  private static PickleBytes start() {
    PickleBytes pickle = new PickleBytes().raw('}', '(');
    SavedModel.tensor(pickle, "m", SavedModel.FLOATS, 0, new long[] {2, 3}, new long[] {3, 1});
    return pickle;
  }

  @Test
  void takesTheValuesThatStandBesideTensors() throws IOException {
    PickleBytes pickle = start();
    pickle.string("device").global("torch", "device").string("cuda:1").raw(0x85, 'R');
    pickle.string("old").global("torch", "device").string("cuda").integer(2).raw(0x86, 'R');
    pickle.string("type").global("torch", "float8_e8m0fnu");
    pickle.string("size").global("torch", "Size").integers(1, 2).raw(0x85, 'R');
    pickle.string("counts").global("collections", "Counter").raw('}').string("a");
    pickle.integer(3).raw('s', 0x85, 'R');
    pickle.string("pairs").global("collections", "OrderedDict").raw('(', ']', '(');
    pickle.string("k").integer(1).raw(0x86, 'e', 't', 'R');
    pickle.string("set").global("__builtin__", "set").raw(']').integer(1).raw('a', 0x85, 'R');
    pickle.string("bytes").global("_codecs", "encode").string("x").string("latin1");
    pickle.raw(0x86, 'R').string("array").global("builtins", "bytearray").raw(')', 'R');
    pickle.string("complex").global("builtins", "complex").integer(1).integer(2).raw(0x86, 'R');
    pickle.string("layout").global("torch.serialization", "_get_layout");
    pickle.string("torch.strided").raw(0x85, 'R');
    pickle.string("scheme").global("torch", "per_tensor_affine");
    pickle.string("keys").raw('}').integers(1, 2).integer(3).raw('s', 'N', 'N', 's');
    pickle.string("newer").raw(0x8f, '(', 'N', 0x90);
    PthFile file = open(pickle);
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, file.tensors().get("m").toFloats());
    assertEquals(1, file.tensors().size());
    assertEquals(Map.of("device", "cuda:1", "old", "cuda:2"), file.metadata());
  }

  @ParameterizedTest
  @CsvSource({
    "float8_e4m3fn, F8_E4M3",
    "float8_e5m2, F8_E5M2",
    "float8_e4m3fnuz, F8_E4M3FNUZ",
    "float8_e5m2fnuz, F8_E5M2FNUZ",
    "float8_e8m0fnu, F8_E8M0",
    "bool, BOOL",
    "uint8, U8"
  })
  void takesTensorsOfTheNewerTypes(String type, String name) throws IOException {
    PickleBytes pickle = start().string("t").global("torch._utils", "_rebuild_tensor_v3");
    pickle.op('(').storage(new PickleBytes.Storage("storage.UntypedStorage", "1", 8));
    pickle.integer(2).integers(6).integers(1).raw(0x89, '}').global("torch", type);
    Tensor tensor = open(pickle.raw('t', 'R')).tensors().get("t");
    assertEquals("t " + name + "[6]", tensor.toString());
    assertEquals(6, tensor.data().byteSize());
  }

  @Test
  void takesTensorsThatAreWrapped() throws IOException {
    long[] shape = {2, 3};
    long[] strides = {3, 1};
    PickleBytes pickle = start();
    pickle.string("state").global("torch._utils", "_rebuild_parameter_with_state").op('(');
    pickle.tensor(SavedModel.FLOATS, 0, shape, strides).raw(0x88, '}', '}', 't', 'R');
    pickle.string("attributes").global("torch._tensor", "_rebuild_from_type_v2").op('(');
    pickle.global("torch._utils", "_rebuild_tensor_v2").global("torch", "Tensor").op('(');
    pickle.storage(SavedModel.FLOATS).integer(0).integers(shape).integers(strides);
    pickle.raw(0x89, '}', 't', '}', 't', 'R');
    pickle.string("device").global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor");
    pickle.op('(').tensor(SavedModel.FLOATS, 0, shape, strides).global("torch", "float32");
    pickle.string("xla:0").raw(0x89, 't', 'R');
    pickle.string("made").global("torch.nn.parameter", "Parameter");
    pickle.tensor(SavedModel.FLOATS, 0, shape, strides).raw(0x85, 0x81);
    Map<String, Tensor> tensors = open(pickle).tensors();
    assertEquals(5, tensors.size());
    for (Tensor tensor : tensors.values()) {
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, tensor.toFloats(), tensor.name());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "_rebuild_sparse_tensor, a sparse tensor",
    "_rebuild_qtensor, a quantized tensor",
    "_rebuild_meta_tensor_no_storage, a tensor without data (meta)",
    "_rebuild_nested_tensor, a nested tensor",
    "_rebuild_wrapper_subclass, a tensor of a class of its own",
    "_rebuild_device_tensor_from_numpy, a tensor kept as an array of numpy"
  })
  void setsAsideTensorsThatItCannotUse(String function, String what) throws IOException {
    PickleBytes pickle = start().string("t").global("torch._utils", function);
    PthFile file = open(pickle.raw('N', 0x85, 'R'));
    assertEquals(Map.of("t", what), file.unusable());
    assertEquals(1, file.tensors().size());
  }

  @Test
  void setsAsideTensorsOfTypesThatItCannotRead() throws IOException {
    PickleBytes pickle = start().string("q").global("torch._utils", "_rebuild_tensor_v2").op('(');
    pickle.storage(new PickleBytes.Storage("QInt8Storage", "1", 8)).integer(0);
    pickle.integers(8).integers(1).raw(0x89, '}', 't', 'R');
    assertEquals(Map.of("q", "a tensor of torch.QInt8Storage"), open(pickle).unusable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "argparse.Namespace",
        "pathlib.PosixPath",
        "collections.defaultdict",
        "transformers.training_args.TrainingArguments",
        "builtins.range"
      })
  void saysWhichClassAFileHoldsAndHowToSaveItsTensorsAlone(String name) {
    int dot = name.lastIndexOf('.');
    PickleBytes pickle =
        start().string("args").global(name.substring(0, dot), name.substring(dot + 1));
    assertRefused(
        pickle,
        "its pickle asks for "
            + name
            + ", so it holds objects of the class "
            + name.substring(dot + 1),
        "nothing of it was run",
        "torch.save(torch.load('old.pth', map_location='cpu', weights_only=False)['state_dict'],"
            + " 'new.pth')");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.system",
        "posix.system",
        "builtins.eval",
        "builtins.getattr",
        "subprocess.run",
        "torch.load",
        "torch.hub.load",
        "runpy._run_code",
        "operator.attrgetter"
      })
  void saysThatAFileAsksForAFunctionAndGivesNoWayToRunIt(String name) {
    int dot = name.lastIndexOf('.');
    PickleBytes pickle =
        start().string("args").global(name.substring(0, dot), name.substring(dot + 1));
    String message =
        assertRefused(
            pickle,
            "its pickle asks for " + name + ", a function that tensors do not need",
            "do not open this file elsewhere unless you trust it");
    assertTrue(!message.contains("weights_only=False"), message);
  }

  @Test
  void saysHowToSaveTheTensorsOfAWholeModel() {
    assertRefused(
        start().string("net").global("torch.nn.modules.linear", "Linear"),
        "objects of the class Linear",
        "weights_only=False).state_dict(), 'new.pth')");
  }

  @Test
  void namesNumpysValues() {
    for (String module : new String[] {"numpy.core.multiarray", "numpy._core.multiarray"}) {
      assertRefused(
          start().string("loss").global(module, "scalar"),
          "asks for " + module + ".scalar, so it holds numpy values",
          "torch.save(torch.load(");
    }
  }

  @Test
  void refusesCallsThatMakeNoSense() {
    PickleBytes nested = start().string("t");
    for (int i = 0; i < 50_000; i++) {
      nested.global("torch._tensor", "_rebuild_from_type_v2").op('(');
      nested.global("torch._tensor", "_rebuild_from_type_v2").raw('N', ')', '}', 't', 'R');
    }
    assertRefused(nested, "calls REBUILD_FROM_TYPE with wrong arguments");
    assertRefused(
        start().string("t").global("torch", "device").raw(')', 'R'),
        "calls DEVICE with wrong arguments");
    assertRefused(
        start().string("t").global("torch", "float32").raw(')', 'R'), "what is not a function");
    // A list of many items, made a dictionary of again and again.
    PickleBytes copies = start().string("t").raw(']', 'q', 0, '(');
    for (int i = 0; i < 1000; i++) {
      copies.integer(i).raw('N', 0x86);
    }
    copies.raw('e', '0', ']', '(');
    for (int i = 0; i < 2_001; i++) {
      copies.global("collections", "OrderedDict").raw('h', 0, 0x85, 'R');
    }
    assertRefused(copies.op('e'), "copies lists of more than 2000000 items");
  }

  private PthFile open(PickleBytes pickle) throws IOException {
    return PthFile.open(SavedModel.file(folder, pickle.op('u').end()), Arena.ofAuto());
  }

  private String assertRefused(PickleBytes pickle, String... parts) {
    String message = assertThrows(MalformedFileException.class, () -> open(pickle)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    return message;
  }
}
