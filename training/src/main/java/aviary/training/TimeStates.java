package aviary.training;

import aviary.engine.StateData;
import aviary.model.Inventory.Role;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The wkv states that sequences begin with, as parameters: {@code blocks.L.att.time_state} [H, N,
 * N], value channel before key channel, as {@link StateData#ofTimeStates} reads them. They begin as
 * the model's own, or as zeros.
 */
final class TimeStates {
  private final int heads;
  private final int n;
  private final List<Parameter> parameters;

  private TimeStates(int heads, int n, List<Parameter> parameters) {
    this.heads = heads;
    this.n = n;
    this.parameters = parameters;
  }

  TimeStates(Model model) {
    ModelConfig config = model.config();
    heads = config.heads();
    n = config.headSize();
    parameters = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      String name = StateData.timeStateName(layer);
      Tensor there = model.tensors().get(name);
      float[] numbers = there == null ? new float[heads * n * n] : there.toFloats();
      parameters.add(new Parameter(name, new long[] {heads, n, n}, Role.VECTOR, numbers));
    }
  }

  List<Parameter> parameters() {
    return parameters;
  }

  /** The same states, with other gradients. */
  TimeStates withOwnGradients() {
    return new TimeStates(heads, n, parameters.stream().map(Parameter::withOwnGradient).toList());
  }

  /** Lets sequences begin with them. */
  void begin(List<InitialStates> states) {
    for (int layer = 0; layer < parameters.size(); layer++) {
      float[] exchanged = new float[heads * n * n];
      exchange(parameters.get(layer).weights(), exchanged);
      states.get(layer).setWkv(exchanged);
    }
  }

  /**
   * Adds to the gradients of what sequences began with those of the wkv states before their first
   * tokens.
   */
  void addGradients(List<InitialStates> dstates) {
    float[] sum = new float[heads * n * n];
    for (int layer = 0; layer < parameters.size(); layer++) {
      float[] each = dstates.get(layer).wkv();
      Arrays.fill(sum, 0);
      for (int i = 0; i < each.length; i++) {
        sum[i % sum.length] += each[i];
      }
      float[] exchanged = new float[sum.length];
      exchange(sum, exchanged);
      RowMath.add(exchanged, 0, parameters.get(layer).gradient(), 0, sum.length);
    }
  }

  private void exchange(float[] from, float[] to) {
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          to[(head * n + i) * n + j] = from[(head * n + j) * n + i];
        }
      }
    }
  }
}
