package aviary.evaluation.template;

/**
 * A word of an expression.
 *
 * @param kind what it is
 * @param text a name, an operator's characters, a number's digits, or a string's value
 */
record Token(Kind kind, String text) {
  enum Kind {
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  @Override
  public String toString() {
    return kind == Kind.END ? "its end" : "'" + text + "'";
  }
}
