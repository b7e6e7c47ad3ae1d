package aviary.engine;

import aviary.InputException;
import aviary.model.ModelConfig;

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
    int layers, int width, int heads, int headSize, float[] attShift, float[] ffnShift, float[] wkv) {

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

  /** A copy that shares nothing with this. */
  public StateData copy() {
    return new StateData(
        layers, width, heads, headSize, attShift.clone(), ffnShift.clone(), wkv.clone());
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
                  layers, width, heads, headSize,
                  config.layers(), config.width(), config.heads(), config.headSize()));
    }
  }
}
