package aviary.model;

/**
 * The shapes of a model, read off its tensors.
 *
 * @param architecture which function makes its program
 * @param layers L
 * @param width D
 * @param heads H
 * @param headSize N = D / H
 * @param feedForward F, the width of the channel mix
 * @param vocabulary V
 * @param headSizeDivisor what the training code divided by before the group norm; its epsilon is 1e-5 times the square
 */
public record ModelConfig(
    Architecture architecture,
    int layers,
    int width,
    int heads,
    int headSize,
    int feedForward,
    int vocabulary,
    int headSizeDivisor) {

  /** The architectures that can be run. */
  public enum Architecture {
    /** RWKV-5.0 to 5.2. */
    EAGLE,
    /** RWKV-6.0. */
    FINCH
  }
}
