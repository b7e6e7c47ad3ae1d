package aviary.torch;

import static java.util.Map.entry;

import aviary.safetensors.DType;
import java.util.Map;

/** The globals that a file of tensors may name. They are looked up, never imported or called. */
final class Globals {

  private static final Map<String, Pickled> ALLOWED =
      Map.ofEntries(
          entry("collections.OrderedDict", Pickled.Function.ORDERED_DICT),
          entry("torch.Size", Pickled.Function.SIZE),
          entry("torch._utils._rebuild_tensor_v2", Pickled.Function.REBUILD_TENSOR_V2),
          entry("torch._utils._rebuild_tensor_v3", Pickled.Function.REBUILD_TENSOR_V3),
          entry("torch._utils._rebuild_parameter", Pickled.Function.REBUILD_PARAMETER),
          entry("torch.UntypedStorage", new Pickled.StorageType(null)),
          entry("torch.storage.UntypedStorage", new Pickled.StorageType(null)),
          entry("torch.FloatStorage", new Pickled.StorageType(DType.F32)),
          entry("torch.HalfStorage", new Pickled.StorageType(DType.F16)),
          entry("torch.BFloat16Storage", new Pickled.StorageType(DType.BF16)),
          entry("torch.DoubleStorage", new Pickled.StorageType(DType.F64)),
          entry("torch.LongStorage", new Pickled.StorageType(DType.I64)),
          entry("torch.IntStorage", new Pickled.StorageType(DType.I32)),
          entry("torch.ShortStorage", new Pickled.StorageType(DType.I16)),
          entry("torch.CharStorage", new Pickled.StorageType(DType.I8)),
          entry("torch.ByteStorage", new Pickled.StorageType(DType.U8)),
          entry("torch.BoolStorage", new Pickled.StorageType(DType.BOOL)),
          entry("torch.float32", new Pickled.ElementType(DType.F32)),
          entry("torch.float16", new Pickled.ElementType(DType.F16)),
          entry("torch.bfloat16", new Pickled.ElementType(DType.BF16)),
          entry("torch.float64", new Pickled.ElementType(DType.F64)),
          entry("torch.int64", new Pickled.ElementType(DType.I64)),
          entry("torch.int32", new Pickled.ElementType(DType.I32)),
          entry("torch.int16", new Pickled.ElementType(DType.I16)),
          entry("torch.int8", new Pickled.ElementType(DType.I8)),
          entry("torch.uint8", new Pickled.ElementType(DType.U8)),
          entry("torch.uint16", new Pickled.ElementType(DType.U16)),
          entry("torch.uint32", new Pickled.ElementType(DType.U32)),
          entry("torch.uint64", new Pickled.ElementType(DType.U64)),
          entry("torch.bool", new Pickled.ElementType(DType.BOOL)));

  private Globals() {}

  /**
   * What a global stands for, or null where it is none of those that tensors need.
   *
   * @param name module and name: {@code torch.FloatStorage}
   */
  static Pickled find(String name) {
    return ALLOWED.get(name);
  }
}
