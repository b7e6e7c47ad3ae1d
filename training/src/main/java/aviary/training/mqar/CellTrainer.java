package aviary.training.mqar;

import java.io.IOException;
import java.util.Optional;

/** Trains the models of a sweep. */
public interface CellTrainer {

  /**
   * Checks a cell, before another has been trained for hours.
   *
   * @throws aviary.InputException if there can be no such training
   */
  void require(SweepCell cell);

  /**
   * Trains a cell, or goes on with it where it was stopped, and measures it.
   *
   * @return what it gave, also if the loss diverged; nothing if somebody wanted to stop
   * @throws IOException if something cannot be written
   */
  Optional<SweepResult> train(SweepCell cell) throws IOException;
}
