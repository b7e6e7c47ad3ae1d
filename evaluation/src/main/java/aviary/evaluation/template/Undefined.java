package aviary.evaluation.template;

/**
 * What a name or an attribute that there is not gives: an error where it is used, but {@code is
 * defined} and {@code default} take it.
 *
 * @param problem the error
 */
record Undefined(String problem) {

  /** Gives the value back if there is one. */
  static Object require(Object value) {
    if (value instanceof Undefined undefined) {
      throw new TemplateException(undefined.problem);
    }
    return value;
  }
}
