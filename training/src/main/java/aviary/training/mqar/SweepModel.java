package aviary.training.mqar;

import aviary.InputException;
import aviary.model.InitialWeights;
import aviary.model.Model;
import aviary.model.ModelConfig;
import aviary.model.ModelConfig.Architecture;
import aviary.model.ModelShape;
import aviary.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The models that a sweep compares. */
public enum SweepModel {
  /** RWKV-6. */
  FINCH(Architecture.FINCH),

  /** RWKV-5.2. */
  EAGLE(Architecture.EAGLE),

  /**
   * Eagle without decay, which is linear attention: the state is the sum of all {@code k^T v} so
   * far, and this token's own, times the bonus, which begins at 1. All else is Eagle's, so that
   * what differs is the decay's doing.
   */
  LINEAR(Architecture.EAGLE);

  /** Its decay, {@code exp(-exp(-100))}, is 1 in floats, and its slope too small to be followed. */
  private static final float NO_DECAY = -100;

  private final Architecture architecture;

  SweepModel(Architecture architecture) {
    this.architecture = architecture;
  }

  /** As options, tables and plots name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The model that has a label. */
  static SweepModel of(String label) {
    for (SweepModel model : values()) {
      if (model.label().equals(label)) {
        return model;
      }
    }
    throw new InputException(
        "no model %s: there is %s"
            .formatted(
                label,
                Arrays.stream(values()).map(SweepModel::label).collect(Collectors.joining(", "))));
  }

  /**
   * The shapes of a cell's model.
   *
   * @throws InputException if there is no such model
   */
  ModelConfig config(SweepCell cell) {
    return new ModelShape(
            architecture,
            cell.layers(),
            cell.width(),
            cell.vocabulary(),
            cell.headSize(),
            null,
            null,
            null)
        .config();
  }

  /** A cell's model before training. */
  Model initial(SweepCell cell, Arena arena) {
    Model model = new InitialWeights(config(cell), cell.seed()).model(arena);
    if (this == LINEAR) {
      for (int layer = 0; layer < cell.layers(); layer++) {
        String prefix = "blocks." + layer + ".att.";
        fill(model.tensor(prefix + "time_decay"), NO_DECAY);
        fill(model.tensor(prefix + "time_faaaa"), 1);
      }
    }
    return model;
  }

  private static void fill(Tensor tensor, float value) {
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
    }
  }
}
