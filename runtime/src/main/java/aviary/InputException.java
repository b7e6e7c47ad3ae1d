package aviary;

/**
 * What a user gave cannot be used: an option, a model that is none, a token that does not exist.
 * The message is one line that says what is wrong, where, and what to do. Commands print it and
 * exit with code 2.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, where, and what to do, in one line
   */
  public InputException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong, where, and what to do, in one line
   * @param cause what led to it
   */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
