package aviary.reference;

import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.Q8_0;
import aviary.model.Weight;
import aviary.safetensors.DType;
import aviary.safetensors.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** A model's weights as doubles, each widened when it is first asked for. */
final class ReferenceWeights {

  private final Model model;
  private final Map<String, double[]> widened = new HashMap<>();

  ReferenceWeights(Model model) {
    this.model = model;
  }

  /** All numbers of a tensor, in row-major order. */
  double[] numbers(String name) {
    return widened.computeIfAbsent(name, n -> widen(model.tensor(n)));
  }

  /** The bytes of the weights that were widened so far. */
  long bytes() {
    return widened.values().stream()
        .mapToLong(numbers -> (long) Double.BYTES * numbers.length)
        .sum();
  }

  /** One number a channel, in whatever form the model stores them. */
  double[] channels(Weight weight, String name) {
    double[] stored = numbers(name);
    return switch (weight.form()) {
      case PLAIN -> stored;
      case PER_HEAD -> spread(stored);
      case LOG_PER_HEAD -> {
        double[] out = spread(stored);
        for (int i = 0; i < out.length; i++) {
          out[i] = Math.exp(out[i]);
        }
        yield out;
      }
    };
  }

  private double[] spread(double[] perHead) {
    ModelConfig config = model.config();
    double[] out = new double[config.width()];
    for (int i = 0; i < out.length; i++) {
      out[i] = perHead[i / config.headSize()];
    }
    return out;
  }

  private double[] widen(Tensor tensor) {
    return tensor.dtype() == DType.I8
        ? widenQ8(tensor, model.tensor(Q8_0.scaleName(tensor.name())))
        : ReferenceOps.toDoubles(tensor.toFloats());
  }

  /** {@code weight = byte * scale of its block}. */
  private static double[] widenQ8(Tensor bytes, Tensor scaleOfBlock) {
    float[] scales = scaleOfBlock.toFloats();
    int columns = Math.toIntExact(bytes.shape()[bytes.shape().length - 1]);
    int blocks = (int) Q8_0.blocks(columns);
    double[] out = new double[Math.toIntExact(bytes.elements())];
    for (int i = 0; i < out.length; i++) {
      int row = i / columns;
      int block = i % columns / Q8_0.BLOCK;
      out[i] = bytes.data().get(ValueLayout.JAVA_BYTE, i) * (double) scales[row * blocks + block];
    }
    return out;
  }
}
