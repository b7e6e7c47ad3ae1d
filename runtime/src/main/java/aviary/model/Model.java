package aviary.model;

import aviary.InputException;
import aviary.engine.StateData;
import aviary.safetensors.Tensor;
import java.util.Map;

/**
 * A model's shapes, program and weights. It never changes, so that any number of threads and
 * engines may share it, while the memory of its tensors is open: if that is an arena, close it
 * after the engines, and let it be shared ({@code Arena.ofShared()}), as engines compute on threads
 * of their own.
 *
 * @param config the shapes
 * @param program what is computed; that of the shapes' architecture, but for benchmarks of single
 *     operations
 * @param tensors the weights by their names in the original checkpoints ({@code
 *     blocks.0.att.key.weight}), in the file's order; views of mapped files or of memory made at
 *     load. A matrix in Q8_0 is an I8 tensor with an F16 tensor beside it that is named like it
 *     with {@code .scale} added. {@code blocks.L.att.time_state} [H, N, N] is there for all layers
 *     or none
 * @param metadata the strings that the file holds beside the tensors
 */
public record Model(
    ModelConfig config,
    Program program,
    Map<String, Tensor> tensors,
    Map<String, String> metadata) {

  /** A model of its architecture. */
  public Model(ModelConfig config, Map<String, Tensor> tensors, Map<String, String> metadata) {
    this(config, Program.of(config), tensors, metadata);
  }

  /** A model that has nothing beside its tensors. */
  public Model(ModelConfig config, Map<String, Tensor> tensors) {
    this(config, tensors, Map.of());
  }

  /**
   * The tensor of that name.
   *
   * @throws InputException if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new InputException("the model has no tensor " + name);
    }
    return tensor;
  }

  /**
   * A small weight as floats, one a channel, whatever form it is stored in.
   *
   * @param weight the weight
   * @param name its tensor's full name
   */
  public float[] vector(Weight weight, String name) {
    float[] stored = tensor(name).toFloats();
    if (weight.form() == Weight.Form.PLAIN) {
      return stored;
    }
    float[] out = new float[config.width()];
    for (int channel = 0; channel < out.length; channel++) {
      float number = stored[channel / config.headSize()];
      out[channel] = weight.form() == Weight.Form.LOG_PER_HEAD ? (float) Math.exp(number) : number;
    }
    return out;
  }

  /** The state of a sequence that has seen nothing: zeros, or the model's own where it has one. */
  public StateData initialState() {
    if (!tensors.containsKey(StateData.timeStateName(0))) {
      return StateData.zero(config);
    }
    return StateData.ofTimeStates(config.layers(), layer -> tensor(StateData.timeStateName(layer)));
  }
}
