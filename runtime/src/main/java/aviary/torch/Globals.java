package aviary.torch;

import aviary.safetensors.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The globals that a file of tensors may name: those that {@code torch.load(weights_only=True)} of
 * PyTorch 2.13 takes ({@code torch/_weights_only_unpickler.py}). They are looked up, never imported
 * or called.
 */
final class Globals {

  private static final Map<String, Pickled> ALLOWED = new HashMap<>();

  /** Modules that Python 2 called otherwise; pickles of protocol 2 keep those names. */
  private static final Map<String, String> RENAMED =
      Map.of("__builtin__", "builtins", "copy_reg", "copyreg");

  /** Classes of values that are written like functions. */
  private static final Set<String> SMALL_CLASSES =
      Set.of(
          "collections.defaultdict",
          "collections.deque",
          "datetime.datetime",
          "datetime.date",
          "datetime.timedelta",
          "builtins.slice",
          "builtins.range",
          "builtins.frozenset",
          "types.SimpleNamespace");

  static {
    functions();
    elementTypes();
    storages();
    for (String type :
        List.of("BFloat16 Bool Byte Char Double Float Half Int Long Short".split(" "))) {
      for (String module : List.of("torch.", "torch.cuda.")) {
        ALLOWED.put(module + type + "Tensor", Pickled.Function.TENSOR);
        ALLOWED.put(module + "sparse." + type + "Tensor", Pickled.Function.SPARSE_TENSOR);
      }
    }
    for (String scheme :
        List.of(
            "per_tensor_affine",
            "per_tensor_symmetric",
            "per_channel_affine",
            "per_channel_symmetric",
            "per_channel_affine_float_qparams")) {
      ALLOWED.put("torch." + scheme, Pickled.Other.VALUE);
    }
  }

  private Globals() {}

  private static void functions() {
    ALLOWED.put("collections.OrderedDict", Pickled.Function.DICTIONARY);
    ALLOWED.put("collections.Counter", Pickled.Function.DICTIONARY);
    ALLOWED.put("torch.Size", Pickled.Function.SIZE);
    ALLOWED.put("torch.device", Pickled.Function.DEVICE);
    ALLOWED.put("_codecs.encode", Pickled.Function.VALUE);
    ALLOWED.put("builtins.bytearray", Pickled.Function.VALUE);
    ALLOWED.put("builtins.set", Pickled.Function.VALUE);
    ALLOWED.put("builtins.complex", Pickled.Function.VALUE);
    ALLOWED.put("torch.serialization._get_layout", Pickled.Function.VALUE);
    ALLOWED.put("torch.Tensor", Pickled.Function.TENSOR);
    ALLOWED.put("torch.nn.parameter.Parameter", Pickled.Function.REBUILD_PARAMETER);
    ALLOWED.put("torch._tensor._rebuild_from_type_v2", Pickled.Function.REBUILD_FROM_TYPE);
    Map.of(
            "_rebuild_tensor", Pickled.Function.REBUILD_TENSOR,
            "_rebuild_tensor_v2", Pickled.Function.REBUILD_TENSOR_V2,
            "_rebuild_tensor_v3", Pickled.Function.REBUILD_TENSOR_V3,
            "_rebuild_parameter", Pickled.Function.REBUILD_PARAMETER,
            "_rebuild_parameter_with_state", Pickled.Function.REBUILD_PARAMETER,
            "_rebuild_device_tensor_from_cpu_tensor", Pickled.Function.REBUILD_FROM_CPU,
            "_rebuild_device_tensor_from_numpy", Pickled.Function.NUMPY_TENSOR)
        .forEach((name, function) -> ALLOWED.put("torch._utils." + name, function));
    Map.of(
            "_rebuild_sparse_tensor", Pickled.Function.SPARSE_TENSOR,
            "_rebuild_qtensor", Pickled.Function.QUANTIZED_TENSOR,
            "_rebuild_meta_tensor_no_storage", Pickled.Function.META_TENSOR,
            "_rebuild_nested_tensor", Pickled.Function.NESTED_TENSOR,
            "_rebuild_wrapper_subclass", Pickled.Function.SUBCLASS_TENSOR)
        .forEach((name, function) -> ALLOWED.put("torch._utils." + name, function));
  }

  private static void elementTypes() {
    type("float32", DType.F32);
    type("float16", DType.F16);
    type("bfloat16", DType.BF16);
    type("float64", DType.F64);
    type("int64", DType.I64);
    type("int32", DType.I32);
    type("int16", DType.I16);
    type("int8", DType.I8);
    type("uint8", DType.U8);
    type("uint16", DType.U16);
    type("uint32", DType.U32);
    type("uint64", DType.U64);
    type("bool", DType.BOOL);
    type("complex64", DType.C64);
    type("float8_e4m3fn", DType.F8_E4M3);
    type("float8_e5m2", DType.F8_E5M2);
    type("float8_e8m0fnu", DType.F8_E8M0);
    type("float8_e4m3fnuz", DType.F8_E4M3FNUZ);
    type("float8_e5m2fnuz", DType.F8_E5M2FNUZ);
    for (String other :
        ("complex32 complex128 float4_e2m1fn_x2 qint8 quint8 qint32 quint4x2 quint2x4"
                + " bits8 bits16 bits1x8 bits2x4 bits4x2")
            .split(" ")) {
      type(other, null);
    }
    for (int bits = 1; bits < 8; bits++) {
      type("int" + bits, null);
      type("uint" + bits, null);
    }
  }

  private static void type(String name, DType dtype) {
    ALLOWED.put("torch." + name, new Pickled.ElementType("torch." + name, dtype));
  }

  private static void storages() {
    storage("Float", DType.F32, 4);
    storage("Half", DType.F16, 2);
    storage("BFloat16", DType.BF16, 2);
    storage("Double", DType.F64, 8);
    storage("Long", DType.I64, 8);
    storage("Int", DType.I32, 4);
    storage("Short", DType.I16, 2);
    storage("Char", DType.I8, 1);
    storage("Byte", DType.U8, 1);
    storage("Bool", DType.BOOL, 1);
    storage("ComplexFloat", DType.C64, 8);
    storage("ComplexDouble", null, 16);
    storage("QInt8", null, 1);
    storage("QUInt8", null, 1);
    storage("QInt32", null, 4);
    storage("QUInt4x2", null, 1);
    storage("QUInt2x4", null, 1);
    // Bytes, whose type a tensor tells.
    storage("Untyped", null, 1);
    ALLOWED.put("torch.storage.UntypedStorage", ALLOWED.get("torch.UntypedStorage"));
  }

  private static void storage(String name, DType dtype, int width) {
    Pickled.StorageType type = new Pickled.StorageType("torch." + name + "Storage", dtype, width);
    ALLOWED.put("torch." + name + "Storage", type);
    ALLOWED.put("torch.cuda." + name + "Storage", type);
  }

  /** The full name of a global, as Python 3 has it: {@code torch.FloatStorage}. */
  static String name(String module, String name) {
    return RENAMED.getOrDefault(module, module) + "." + name;
  }

  /**
   * What a global stands for, or null where it is none of those that tensors need.
   *
   * @param name module and name: {@code torch.FloatStorage}
   */
  static Pickled find(String name) {
    return ALLOWED.get(name);
  }

  /**
   * What to say of a global that is refused: what the file holds, and how to save it again.
   *
   * @param name module and name
   */
  static String refusal(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    boolean numpy = name.startsWith("numpy.");
    boolean isClass =
        SMALL_CLASSES.contains(name) || !last.isEmpty() && Character.isUpperCase(last.charAt(0));
    if (!numpy && !isClass) {
      return "its pickle asks for "
          + name
          + ", a function that tensors do not need: it is refused and was not run; do not open this"
          + " file elsewhere unless you trust it";
    }
    String what = numpy ? "numpy values" : "objects of the class " + last;
    // A whole model was saved, or a dictionary that has more than tensors.
    String tensors =
        name.startsWith("torch.nn.")
            ? ".state_dict(), 'new.pth')"
            : "['state_dict'], 'new.pth'), where 'state_dict' is the key of the tensors";
    return "its pickle asks for %s, so it holds %s beside tensors, which".formatted(name, what)
        + " torch.load(weights_only=True) refuses too; nothing of it was run. If you trust the file,"
        + " save its tensors alone in Python: torch.save(torch.load('old.pth', map_location='cpu',"
        + " weights_only=False)"
        + tensors;
  }
}
