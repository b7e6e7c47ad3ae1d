package aviary.engine;

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
}
