package aviary.agreement;

import aviary.SharedData;
import aviary.engine.StateData;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a published model is known to answer.
 *
 * @param tokens the prompt
 * @param outcome the logits after each token of the prompt, and the state after it
 * @param greedy the most likely tokens, each put behind the prompt before the next
 */
record Golden(int[] tokens, Outcome outcome, int[] greedy) {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Reads a file of the sample data; skips the test where there is none. */
  static Golden read(String name) throws IOException {
    Path path = SharedData.file("golden/" + name + ".safetensors");
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(path, arena);
      Tensor wkv = file.tensors().get("state.wkv");
      int layers = (int) wkv.shape()[0];
      int heads = (int) wkv.shape()[1];
      int headSize = (int) wkv.shape()[2];
      StateData state =
          new StateData(
              layers,
              heads * headSize,
              heads,
              headSize,
              file.tensors().get("state.att_shift").toFloats(),
              file.tensors().get("state.ffn_shift").toFloats(),
              wkv.toFloats());
      return new Golden(
          integers(file.tensors().get("tokens")),
          new Outcome(rows(file.tensors().get("logits")), state),
          integers(file.tensors().get("greedy")));
    }
  }

  private static int[] integers(Tensor tensor) {
    int[] out = new int[(int) tensor.elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.toIntExact(tensor.data().get(LONG, 8L * i));
    }
    return out;
  }

  private static List<float[]> rows(Tensor tensor) {
    List<float[]> rows = new ArrayList<>();
    int width = (int) tensor.shape()[1];
    for (int row = 0; row < tensor.shape()[0]; row++) {
      float[] numbers = new float[width];
      tensor.read((long) row * width, numbers, 0, width);
      rows.add(numbers);
    }
    return rows;
  }
}
