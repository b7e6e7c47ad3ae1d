package aviary.evaluation.template;

import java.util.ArrayList;
import java.util.List;

/** Takes an expression apart into its words. */
final class Lexer {
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "(", ")", "[",
          "]", "{", "}", ",", ":", ".", "|", "=");

  private final String text;
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  /**
   * The words of an expression, then one of kind END.
   *
   * @throws TemplateException if something is no word
   */
  static List<Token> tokens(String expression) {
    Lexer lexer = new Lexer(expression);
    List<Token> tokens = new ArrayList<>();
    do {
      tokens.add(lexer.next());
    } while (tokens.getLast().kind() != Token.Kind.END);
    return tokens;
  }

  private Token next() {
    while (at < text.length() && PythonText.isSpace(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      return new Token(Token.Kind.END, "");
    }
    char c = text.charAt(at);
    if (c == '"' || c == '\'') {
      return new Token(Token.Kind.STRING, string(c));
    }
    if (Character.isDigit(c)) {
      return number();
    }
    if (Character.isUnicodeIdentifierStart(text.codePointAt(at)) || c == '_') {
      int begin = at;
      while (at < text.length() && Character.isUnicodeIdentifierPart(text.codePointAt(at))) {
        at += Character.charCount(text.codePointAt(at));
      }
      return new Token(Token.Kind.NAME, text.substring(begin, at));
    }
    for (String operator : OPERATORS) {
      if (text.startsWith(operator, at)) {
        at += operator.length();
        return new Token(Token.Kind.OPERATOR, operator);
      }
    }
    throw new TemplateException(
        "'%s' has no meaning in an expression".formatted(Character.toString(text.codePointAt(at))));
  }

  private Token number() {
    int begin = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    boolean fraction =
        at + 1 < text.length() && text.charAt(at) == '.' && Character.isDigit(text.charAt(at + 1));
    if (fraction) {
      at++;
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
    }
    String digits = text.substring(begin, at).replace("_", "");
    return new Token(fraction ? Token.Kind.FLOAT : Token.Kind.INTEGER, digits);
  }

  private String string(char quote) {
    StringBuilder out = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != quote) {
      char c = text.charAt(at++);
      if (c != '\\' || at == text.length()) {
        out.append(c);
      } else {
        escape(out, text.charAt(at++));
      }
    }
    if (at == text.length()) {
      throw new TemplateException("a string has no end quote");
    }
    at++;
    return out.toString();
  }

  private void escape(StringBuilder out, char c) {
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case '\\', '\'', '"' -> out.append(c);
      case '\n' -> {}
      case 'x' -> code(out, 2);
      case 'u' -> code(out, 4);
      case 'U' -> code(out, 8);
      // As Python has it: a backslash that begins no escape is one.
      default -> out.append('\\').append(c);
    }
  }

  private void code(StringBuilder out, int digits) {
    try {
      out.appendCodePoint(Integer.parseInt(text, at, at + digits, 16));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TemplateException("a string has an escape without its digits", e);
    }
    at += digits;
  }
}
