package aviary.engine;

import aviary.FileKind;
import aviary.InputException;
import aviary.model.Checkpoint;
import aviary.model.StateTensors;
import aviary.safetensors.DType;
import aviary.safetensors.Payload;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** States as files. */
final class StateFiles {
  private static final String ATT_SHIFT = "state.att_shift";
  private static final String FFN_SHIFT = "state.ffn_shift";
  private static final String WKV = "state.wkv";

  private static final Set<DType> TYPES = EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.F64);

  private StateFiles() {}

  static List<SafetensorsWriter.Entry> entries(StateData state) {
    long l = state.layers();
    long n = state.headSize();
    return List.of(
        entry(ATT_SHIFT, state.attShift(), l, state.width()),
        entry(FFN_SHIFT, state.ffnShift(), l, state.width()),
        entry(WKV, state.wkv(), l, state.heads(), n, n));
  }

  private static SafetensorsWriter.Entry entry(String name, float[] numbers, long... shape) {
    return new SafetensorsWriter.Entry(
        name, DType.F32, shape, Payload.of(MemorySegment.ofArray(numbers)));
  }

  static StateData load(Path path) throws IOException {
    requireTensors(path);
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = StateTensors.of(Checkpoint.open(path, arena));
      int timeStates = 0;
      while (tensors.containsKey(StateData.timeStateName(timeStates))) {
        timeStates++;
      }
      StateData state =
          timeStates > 0 && !tensors.containsKey(WKV)
              ? ofTimeStates(path, timeStates, tensors)
              : of(path, tensors);
      requireFinite(path, ATT_SHIFT, state.attShift());
      requireFinite(path, FFN_SHIFT, state.ffnShift());
      requireFinite(path, "state.wkv or time_state", state.wkv());
      return state;
    }
  }

  /** Says what a file is that holds no tensors at all. */
  private static void requireTensors(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      FileKind kind = FileKind.of(path);
      boolean mayBe =
          switch (kind.format()) {
            case SAFETENSORS, TORCH -> true;
            case BINARY, UNKNOWN -> Checkpoint.isNamedAsTensors(path); // its reader says more
            case EMPTY, JSON, VOCABULARY, WEB_PAGE, TEXT, PARQUET, GZIP, PACKED, OTHER -> false;
          };
      if (!mayBe) {
        throw new InputException(
            "%s: is %s, not a state: wanted a safetensors file or one of torch.save, with %s or time_state"
                .formatted(path, kind.described(), WKV));
      }
    }
  }

  private static StateData of(Path path, Map<String, Tensor> tensors) {
    Tensor att = find(path, tensors, ATT_SHIFT);
    Tensor ffn = find(path, tensors, FFN_SHIFT);
    Tensor wkv = find(path, tensors, WKV);
    long[] s = wkv.shape();
    if (s.length != 4 || s[2] != s[3] || wkv.elements() == 0) {
      throw wrongShape(path, wkv, "[L, H, N, N]");
    }
    // The product of two sides of a tensor that has elements does not overflow.
    long width = s[1] * s[2];
    long[] shift = {s[0], width};
    for (Tensor tensor : List.of(att, ffn)) {
      if (!Arrays.equals(tensor.shape(), shift)) {
        throw wrongShape(path, tensor, Arrays.toString(shift));
      }
    }
    for (Tensor tensor : List.of(att, ffn, wkv)) {
      requireReadable(path, tensor);
    }
    return new StateData(
        (int) s[0],
        (int) width,
        (int) s[1],
        (int) s[2],
        att.toFloats(),
        ffn.toFloats(),
        wkv.toFloats());
  }

  private static StateData ofTimeStates(Path path, int layers, Map<String, Tensor> tensors) {
    long[] first = tensors.get(StateData.timeStateName(0)).shape();
    long elements = 0;
    long all = tensors.keySet().stream().filter(name -> name.endsWith(".att.time_state")).count();
    if (all > layers) {
      throw new InputException(
          "%s: has no %s, though other layers have a time_state"
              .formatted(path, StateData.timeStateName(layers)));
    }
    for (int layer = 0; layer < layers; layer++) {
      Tensor tensor = tensors.get(StateData.timeStateName(layer));
      long[] s = tensor.shape();
      if (s.length != 3 || s[1] != s[2] || tensor.elements() == 0) {
        throw wrongShape(path, tensor, "[H, N, N]");
      }
      if (!Arrays.equals(s, first)) {
        throw wrongShape(path, tensor, Arrays.toString(first) + " as the first layer's");
      }
      requireReadable(path, tensor);
      elements += tensor.elements();
    }
    if (elements > Integer.MAX_VALUE) {
      throw new InputException(path + ": holds a state of " + elements + " numbers, too many");
    }
    return StateData.ofTimeStates(layers, layer -> tensors.get(StateData.timeStateName(layer)));
  }

  private static Tensor find(Path path, Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null && StateTensors.isModel(tensors)) {
      throw new InputException(
          path
              + ": is a model without a state of its own, not a state: wanted a file with "
              + WKV
              + " or time_state");
    }
    if (tensor == null) {
      throw new InputException(
          path + ": holds no state: it has neither " + name + " nor blocks.0.att.time_state");
    }
    return tensor;
  }

  private static void requireReadable(Path path, Tensor tensor) {
    if (!TYPES.contains(tensor.dtype())) {
      throw new InputException(
          "%s: tensor %s has type %s, wanted F32".formatted(path, tensor.name(), tensor.dtype()));
    }
    if (tensor.elements() > Integer.MAX_VALUE) {
      throw new InputException(
          "%s: tensor %s has %d numbers, too many for a state"
              .formatted(path, tensor.name(), tensor.elements()));
    }
  }

  /** A state that is not finite would make every logit after it not a number. */
  private static void requireFinite(Path path, String what, float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new InputException(
            "%s: %s has a number that is %s: the state is spoiled, start from another"
                .formatted(path, what, number));
      }
    }
  }

  private static InputException wrongShape(Path path, Tensor tensor, String wanted) {
    return new InputException(
        "%s: tensor %s has shape %s, wanted %s"
            .formatted(path, tensor.name(), Arrays.toString(tensor.shape()), wanted));
  }
}
