package aviary.engine;

import aviary.model.ModelConfig;
import java.util.Optional;

/**
 * A model compiled for a device. Closing it frees what it holds on the device; its states end with
 * it.
 *
 * <p>One thread at a time may use an engine, with its states and its logits; threads may take
 * turns. Threads that run at the same time need an engine each, and may share the {@link
 * aviary.model.Model}, whose memory has to stay open longer than its engines. Misuse is detected
 * and changes nothing: a call while another thread is in one (also {@code close} during {@code
 * forward}), a call of a closed engine, and a call after the model's memory was closed are {@link
 * IllegalStateException}s. Only {@link #config} and {@link #device} can always be called, and
 * {@code close} again.
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
   * @throws IllegalArgumentException if the arrays are not of the lengths that the shape says
   */
  State newState(StateData data);

  /**
   * Runs every sequence of the batch over its tokens and moves its state on. A batch without
   * sequences does nothing.
   *
   * @return the logits at the wanted positions, in the batch's order; valid until the next batch
   * @throws aviary.InputException if a token id is not below the vocabulary's size; no state has
   *     moved then
   * @throws IllegalArgumentException if a state is of another engine, or stands in two sequences of
   *     the batch; no state has moved then
   * @throws IllegalStateException if a state is closed, or the engine cannot be used; no state has
   *     moved then
   * @throws DeviceException if a device fails; how far the batch's states have moved is not known
   *     then, so that they can only be closed
   */
  Logits forward(Batch batch);

  /** From now on what devices do is measured, which takes time itself. */
  default void startProfile() {}

  /** What the devices did since then; empty where nothing tells. */
  default Optional<DeviceProfile> profile() {
    return Optional.empty();
  }

  /**
   * The bytes that this engine has allocated so far beside the tensors of its model: buffers of
   * activations, weights in another layout, arrays on devices. States on the host are not included.
   */
  default long allocatedBytes() {
    return 0;
  }

  /**
   * Frees what it holds on the device. A second call does nothing.
   *
   * @throws IllegalStateException if another thread is in a call; the engine stays open
   */
  @Override
  void close();
}
