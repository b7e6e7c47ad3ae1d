package aviary.training;

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
}
