package aviary.training;

/** A training that cannot go on: one line that says why, and what is kept. */
public final class TrainingFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingFailure(String message) {
    super(message);
  }
}
