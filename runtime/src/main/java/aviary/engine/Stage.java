package aviary.engine;

import java.util.Optional;

/**
 * Some or all of a model's layers, compiled for a device: what a {@link Backend} makes. Stages one
 * behind the other are a model, which a {@link StagedEngine} runs. A stage holds the weights of its
 * own layers only; the first also the embedding and what belongs to it, and the last also the norm
 * and the head behind the layers.
 *
 * <p>One thread uses a stage at a time, which need not be always the same.
 */
public interface Stage extends AutoCloseable {

  /** Which layers it runs. */
  Layers layers();

  /** What runs it, as the user names it: {@code cpu}, {@code tornado:0:0}. */
  String device();

  /** What a pass may have at most. */
  Pass.Limits limits();

  /**
   * A state of this stage's layers with the given contents.
   *
   * @param data of as many layers as the stage has, and of its model's shape; belongs to the state
   *     from here on
   */
  State newState(StateData data);

  /**
   * Runs a pass and moves its states on.
   *
   * @param pass rows of sequences, whose states this stage has made; its tokens are in the
   *     vocabulary, and it is within the limits
   * @param hidden the rows between the layers, [rows, D] with D the model's width, where this is
   *     not the whole model. A stage that takes no tokens finds there what goes into its first
   *     layer, and one that gives no logits leaves there what comes out of its last
   * @return the logits of the wanted rows, valid until the next call; of a stage that gives no
   *     logits {@link Logits#NONE}
   * @throws DeviceException if the device fails
   */
  Logits run(Pass pass, float[] hidden);

  /** From now on what the device does is measured, which takes time itself. */
  default void startProfile() {}

  /** What the device did since then; empty where nothing tells. */
  default Optional<DeviceProfile> profile() {
    return Optional.empty();
  }

  /** Like {@link Engine#allocatedBytes}, for the layers of this stage. */
  default long allocatedBytes() {
    return 0;
  }

  /** Frees what it holds on the device; its states end with it. */
  @Override
  void close();
}
