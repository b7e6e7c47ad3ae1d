package aviary.model;

import aviary.FileKind;
import aviary.InputException;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The tensors of a file that is to hold a state, with {@code time_state} [H, N, N] as state tuning
 * saves it: value channel before key channel.
 *
 * <p>The converters of ai00 and web-rwkv transpose it, and nothing in its shape tells. In a file
 * that also has a model's tensors, their names tell. In a file of {@code time_state} alone, two
 * signs tell: these converters write F16, and they write it into a safetensors file that is named
 * {@code *.st}. With both signs it is taken for a converter's, with neither for state tuning's, and
 * with one of them it is refused.
 */
public final class StateTensors {

  private static final Pattern TIME_STATE = Pattern.compile("blocks\\.\\d+\\.att\\.time_state");

  private static final Pattern OF_MODEL =
      Pattern.compile("emb\\.weight|head\\.weight|blocks\\.\\d+\\.(att|ffn)\\.\\w+\\.weight");

  private StateTensors() {}

  /**
   * The tensors of an open file.
   *
   * @return the tensors by their canonical names
   * @throws InputException if it cannot be told whether a {@code time_state} is transposed, or two
   *     tensors have one name
   * @throws IOException if the file cannot be read
   */
  public static Map<String, Tensor> of(Checkpoint checkpoint) throws IOException {
    Path path = checkpoint.path();
    Map<String, Tensor> tensors = ModelReader.canonical(path, checkpoint.tensors());
    List<Tensor> states =
        tensors.values().stream()
            .filter(tensor -> TIME_STATE.matcher(tensor.name()).matches())
            .toList();
    if (states.isEmpty()) {
      return tensors;
    }
    if (isModel(tensors)) {
      return WebRwkvNames.original(path, tensors);
    }
    if (FileKind.of(path).format() != FileKind.Format.SAFETENSORS || !converted(path, states)) {
      return tensors;
    }
    Map<String, Tensor> original = new LinkedHashMap<>(tensors);
    for (Tensor state : states) {
      if (state.shape().length == 3) {
        original.put(state.name(), WebRwkvNames.permuted(state, Arena.ofAuto(), 0, 2, 1));
      }
    }
    return original;
  }

  /** Whether the tensors are a model's. */
  public static boolean isModel(Map<String, Tensor> tensors) {
    return tensors.keySet().stream().anyMatch(OF_MODEL.asMatchPredicate());
  }

  private static boolean converted(Path path, List<Tensor> states) {
    boolean named = path.getFileName().toString().endsWith(".st");
    boolean half = states.stream().allMatch(state -> state.dtype() == DType.F16);
    if (named != half) {
      throw new InputException(
          path
              + ": it cannot be told whether its time_state is as state tuning saves it or transposed:"
              + " the converters of ai00 and web-rwkv, which transpose it, write F16 into files named"
              + " *.st, and this is "
              + (half
                  ? "F16 in a file of another name; rename it to *.st if a converter wrote it, or"
                      + " else use the .pth that state tuning saved"
                  : states.getFirst().dtype()
                      + " in a file of that name; rename it to *.safetensors if it is as state"
                      + " tuning saves it"));
    }
    return half;
  }
}
