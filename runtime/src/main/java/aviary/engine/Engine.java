package aviary.engine;

import aviary.model.ModelConfig;
import java.util.Optional;

/**
 * A model compiled for a device. One thread uses an engine at a time. Closing it frees what it
 * holds on the device; its states end with it.
 */
public interface Engine extends AutoCloseable {

  /** The shapes of the model that runs here. */
  ModelConfig config();

  /** What runs it, as the user names it: {@code cpu}, {@code tornado:0:0}. */
  String device();

  /**
   * The state of a sequence that has seen nothing: zeros, or the model's own {@code time_state}
   * where it has one.
   */
  State newState();

  /**
   * A state with the given contents, for example one loaded from a file or read from another
   * engine.
   *
   * @throws aviary.InputException if the shape is not this model's
   */
  State newState(StateData data);

  /**
   * Runs every sequence of the batch over its tokens and moves its state on.
   *
   * @return the logits at the wanted positions, in the batch's order; valid until the next call
   * @throws aviary.InputException if a token id is not below the vocabulary's size; no state has
   *     moved then
   * @throws DeviceException if a device fails; how far the batch's states have moved is not known
   *     then
   */
  Logits forward(Batch batch);

  /** From now on what devices do is measured, which takes time itself. */
  default void startProfile() {}

  /** What the devices did since then; empty where nothing tells. */
  default Optional<DeviceProfile> profile() {
    return Optional.empty();
  }

  @Override
  void close();
}
