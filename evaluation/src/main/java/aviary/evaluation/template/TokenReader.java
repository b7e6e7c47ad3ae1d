package aviary.evaluation.template;

import aviary.evaluation.template.Token.Kind;
import java.util.List;

/** Goes through the words of an expression. */
final class TokenReader {
  private final List<Token> tokens;
  private int at;

  /**
   * Takes an expression apart.
   *
   * @throws TemplateException if something in it is no word
   */
  TokenReader(String expression) {
    tokens = Lexer.tokens(expression);
  }

  /** The next word, which stays the next. */
  Token peek() {
    return tokens.get(at);
  }

  /** The one behind the next, which is not the end. */
  Token second() {
    return tokens.get(at + 1);
  }

  /** The next word; the end again and again. */
  Token next() {
    return tokens.get(peek().kind() == Kind.END ? at : at++);
  }

  /** Takes an operator, if it is next. */
  boolean take(String operator) {
    if (peek().is(operator)) {
      at++;
      return true;
    }
    return false;
  }

  /** Takes a name, if it is next. */
  boolean takeName(String name) {
    if (peek().isName(name)) {
      at++;
      return true;
    }
    return false;
  }

  /** Takes an operator, which has to be next. */
  void require(String operator) {
    if (!take(operator)) {
      throw new TemplateException("wanted '%s', found %s".formatted(operator, peek()));
    }
  }

  /** Takes a name alone, such as that of a loop's variable. */
  String name(String what) {
    if (peek().kind() != Kind.NAME) {
      throw new TemplateException("wanted %s, found %s".formatted(what, peek()));
    }
    return next().text();
  }

  /** Checks that nothing follows. */
  void end() {
    if (peek().kind() != Kind.END) {
      throw unexpected(peek());
    }
  }

  static TemplateException unexpected(Token token) {
    return new TemplateException("%s does not belong there".formatted(token));
  }
}
