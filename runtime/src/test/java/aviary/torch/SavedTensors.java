package aviary.torch;

import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes any tensors as torch.save does, each in a storage of its own. */
public final class SavedTensors {
  private SavedTensors() {}

  /** A file of the tensors, by the names in the map. */
  public static Path write(Path path, Map<String, Tensor> tensors) throws IOException {
    PickleBytes pickle = new PickleBytes().global("collections", "OrderedDict").raw(')', 'R', '(');
    List<byte[]> storages = new ArrayList<>();
    tensors.forEach((name, tensor) -> {
      String key = Integer.toString(storages.size());
      storages.add(tensor.data().toArray(ValueLayout.JAVA_BYTE));
      PickleBytes.Storage storage =
          new PickleBytes.Storage(storageType(tensor.dtype()), key, tensor.elements());
      SavedModel.tensor(pickle, name, storage, 0, tensor.shape(), strides(tensor.shape()));
    });
    ZipBytes zip = new ZipBytes(false).add("archive/data.pkl", pickle.op('u').end());
    for (int i = 0; i < storages.size(); i++) {
      zip.add("archive/data/" + i, storages.get(i));
    }
    return Files.write(path, zip.end());
  }

  private static String storageType(DType dtype) {
    return switch (dtype) {
      case F32 -> "FloatStorage";
      case F16 -> "HalfStorage";
      case BF16 -> "BFloat16Storage";
      case F64 -> "DoubleStorage";
      case I8 -> "CharStorage";
      default -> throw new IllegalArgumentException("no weights are " + dtype);
    };
  }

  private static long[] strides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }
}
