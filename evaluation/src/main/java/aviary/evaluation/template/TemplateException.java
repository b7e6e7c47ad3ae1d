package aviary.evaluation.template;

/** A template that is none, or that cannot be applied to a document: one line that says why. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong; not where, which the caller knows
   */
  public TemplateException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong; not where, which the caller knows
   * @param cause what led to it
   */
  public TemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}
