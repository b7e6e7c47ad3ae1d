package aviary.engine;

import aviary.InputException;
import aviary.model.ModelConfig;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The contents of a state in this process's memory.
 *
 * @param layers L
 * @param width D
 * @param heads H
 * @param headSize N
 * @param attShift the time mixes' shifted rows, [L, D]
 * @param ffnShift the channel mixes' shifted rows, [L, D]
 * @param wkv the heads' matrices, [L, H, N, N]: key channel, value channel
 */
public record StateData(
    int layers,
    int width,
    int heads,
    int headSize,
    float[] attShift,
    float[] ffnShift,
    float[] wkv) {

  /** A state that has seen nothing. */
  public static StateData zero(int layers, int width, int heads, int headSize) {
    return new StateData(
        layers,
        width,
        heads,
        headSize,
        new float[layers * width],
        new float[layers * width],
        new float[layers * heads * headSize * headSize]);
  }

  /** A state of the model's shape that has seen nothing. */
  public static StateData zero(ModelConfig config) {
    return zero(config.layers(), config.width(), config.heads(), config.headSize());
  }

  /**
   * What a layer's tuned initial state is called in checkpoints: {@code blocks.L.att.time_state}.
   */
  public static String timeStateName(int layer) {
    return "blocks." + layer + ".att.time_state";
  }

  /**
   * A tuned initial state, as state tuning trains it: the heads' matrices, and shifted rows of
   * zeros.
   *
   * <p>A {@code time_state} [H, N, N] has the value's channel before the key's. In the kernel that
   * trains it ({@code RWKV-v5/cuda/wkv6state_cuda.cu} in BlinkDL/RWKV-LM) the thread of a value's
   * channel {@code i} reads row {@code i}, and along it go the key's channels; the programs that
   * continue from such a file in Python transpose it ({@code .transpose(1, 2)}) for the same
   * reason.
   *
   * @param layers the number of layers
   * @param timeState a layer's {@code time_state}, all of one shape
   */
  public static StateData ofTimeStates(int layers, IntFunction<Tensor> timeState) {
    long[] shape = timeState.apply(0).shape();
    int heads = Math.toIntExact(shape[0]);
    int n = Math.toIntExact(shape[1]);
    StateData state = zero(layers, Math.multiplyExact(heads, n), heads, n);
    for (int layer = 0; layer < layers; layer++) {
      float[] numbers = timeState.apply(layer).toFloats();
      for (int at = 0; at < numbers.length; at++) {
        int head = at / (n * n);
        int value = at / n % n;
        int key = at % n;
        state.wkv[((layer * heads + head) * n + key) * n + value] = numbers[at];
      }
    }
    return state;
  }

  /**
   * Reads a state from a file: one that {@link #save} wrote, or a tuned initial state, which is a
   * file of {@code time_state} tensors.
   *
   * @param path a safetensors file, or one of torch.save
   * @throws InputException if it holds no state, its tensors contradict each other, or there are
   *     numbers that are not finite
   * @throws aviary.safetensors.MalformedFileException if the file is damaged
   * @throws IOException if it cannot be read
   */
  public static StateData load(Path path) throws IOException {
    return StateFiles.load(path);
  }

  /**
   * Writes this as a safetensors file of the tensors {@link #entries}: whole or not at all.
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path path) throws IOException {
    SafetensorsWriter.write(path, Map.of(), entries());
  }

  /**
   * The tensors that a file of this has: {@code state.att_shift} and {@code state.ffn_shift} F32
   * [L, D], {@code state.wkv} F32 [L, H, N, N].
   */
  public List<SafetensorsWriter.Entry> entries() {
    return StateFiles.entries(this);
  }

  /** A copy that shares nothing with this. */
  public StateData copy() {
    return new StateData(
        layers, width, heads, headSize, attShift.clone(), ffnShift.clone(), wkv.clone());
  }

  /** The contents of some of its layers; shares nothing with this unless these are all. */
  StateData part(Layers part) {
    if (part.count() == layers) {
      return this;
    }
    return new StateData(
        part.count(),
        width,
        heads,
        headSize,
        part(attShift, part),
        part(ffnShift, part),
        part(wkv, part));
  }

  private float[] part(float[] numbers, Layers part) {
    int each = numbers.length / layers;
    return Arrays.copyOfRange(numbers, part.first() * each, (part.first() + part.count()) * each);
  }

  /** The contents of all layers, of which parts have some each, in their order. */
  static StateData join(List<StateData> parts) {
    StateData first = parts.getFirst();
    return parts.size() == 1
        ? first
        : new StateData(
            parts.stream().mapToInt(StateData::layers).sum(),
            first.width,
            first.heads,
            first.headSize,
            join(parts, StateData::attShift),
            join(parts, StateData::ffnShift),
            join(parts, StateData::wkv));
  }

  private static float[] join(List<StateData> parts, Function<StateData, float[]> numbers) {
    float[] all = new float[parts.stream().mapToInt(part -> numbers.apply(part).length).sum()];
    int done = 0;
    for (StateData part : parts) {
      float[] its = numbers.apply(part);
      System.arraycopy(its, 0, all, done, its.length);
      done += its.length;
    }
    return all;
  }

  /**
   * Checks that this can be a state of the model.
   *
   * @throws InputException if it is of another shape
   */
  public void requireFits(ModelConfig config) {
    if (layers != config.layers()
        || width != config.width()
        || heads != config.heads()
        || headSize != config.headSize()) {
      throw new InputException(
          "state of another model: it has %d layers, width %d, %d heads of %d; the model has %d, %d, %d of %d"
              .formatted(
                  layers,
                  width,
                  heads,
                  headSize,
                  config.layers(),
                  config.width(),
                  config.heads(),
                  config.headSize()));
    }
  }

  /**
   * Checks that the arrays have the lengths that the shape says.
   *
   * @throws IllegalArgumentException if one has not
   */
  void requireWhole() {
    long shifts = (long) layers * width;
    long matrices = (long) layers * heads * headSize * headSize;
    if (attShift.length != shifts || ffnShift.length != shifts || wkv.length != matrices) {
      throw new IllegalArgumentException(
          "the state's arrays have %d, %d and %d numbers; its shape needs %d, %d and %d"
              .formatted(attShift.length, ffnShift.length, wkv.length, shifts, shifts, matrices));
    }
  }
}
