package aviary.training;

import java.io.IOException;

/** Hears how a training goes. */
public interface TrainingProgress {

  /** Nobody listens. */
  TrainingProgress NONE = (_, _, _, _) -> {};

  /**
   * A step was done.
   *
   * @param steps how many were done so far
   * @param all how many there are
   * @param loss of the last one
   * @param tokensPerSecond since the training was begun or resumed
   */
  void step(long steps, long all, Loss loss, double tokensPerSecond);

  /**
   * The held-out part was measured.
   *
   * @param steps how many were done so far
   * @param all how many there are
   * @param loss of the weights after these steps
   */
  default void measured(long steps, long all, Loss loss) {}

  /**
   * The model wrote a text.
   *
   * @param steps how many were done so far
   */
  default void sampled(long steps, String text) {}

  /**
   * A checkpoint was written.
   *
   * @param steps how many were done before it
   * @throws IOException if what belongs to it cannot be written; the training ends
   */
  default void saved(long steps) throws IOException {}
}
