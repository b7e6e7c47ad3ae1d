package aviary.evaluation.template;

import aviary.evaluation.template.Expression.Binary;
import aviary.evaluation.template.Expression.Compare;
import aviary.evaluation.template.Expression.Conditional;
import aviary.evaluation.template.Expression.DictOf;
import aviary.evaluation.template.Expression.ListOf;
import aviary.evaluation.template.Expression.Literal;
import aviary.evaluation.template.Expression.Logical;
import aviary.evaluation.template.Expression.Name;
import aviary.evaluation.template.Expression.Negative;
import aviary.evaluation.template.Expression.Not;
import aviary.evaluation.template.Expression.Slice;
import aviary.evaluation.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions with Jinja's precedences, in which {@code ~} binds tighter than {@code +}. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final List<Token> tokens;
  private int at;

  ExpressionParser(String expression) {
    tokens = Lexer.tokens(expression);
  }

  /**
   * Parses a whole expression.
   *
   * @throws TemplateException if it is none
   */
  static Expression parse(String expression) {
    ExpressionParser parser = new ExpressionParser(expression);
    Expression parsed = parser.tuple();
    parser.end();
    return parsed;
  }

  /** Expressions with commas between them are a list, a single one is itself. */
  Expression tuple() {
    Expression first = expression();
    if (!peek().is(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (take(",") && peek().kind() != Kind.END && !peek().is(")")) {
      items.add(expression());
    }
    return new ListOf(items);
  }

  Expression expression() {
    Expression yes = or();
    if (!takeName("if")) {
      return yes;
    }
    Expression condition = or();
    return new Conditional(condition, yes, takeName("else") ? expression() : null);
  }

  private Expression or() {
    Expression left = and();
    while (takeName("or")) {
      left = new Logical(false, left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (takeName("and")) {
      left = new Logical(true, left, not());
    }
    return left;
  }

  private Expression not() {
    return takeName("not") ? new Not(not()) : compare();
  }

  private Expression compare() {
    List<Expression> operands = new ArrayList<>(List.of(sum()));
    List<String> operators = new ArrayList<>();
    while (true) {
      if (peek().kind() == Kind.OPERATOR && COMPARISONS.contains(peek().text())) {
        operators.add(next().text());
      } else if (takeName("in")) {
        operators.add("in");
      } else if (peek().isName("not") && tokens.get(at + 1).isName("in")) {
        at += 2;
        operators.add("not in");
      } else {
        return operators.isEmpty() ? operands.getFirst() : new Compare(operands, operators);
      }
      operands.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (peek().is("+") || peek().is("-")) {
      left = new Binary(next().text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (take("~")) {
      left = new Binary("~", left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (peek().is("*") || peek().is("/") || peek().is("//") || peek().is("%")) {
      left = new Binary(next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary();
    while (take("**")) {
      left = new Binary("**", left, unary());
    }
    return left;
  }

  private Expression unary() {
    if (take("-")) {
      return filters(new Negative(primaryWithPostfix()));
    }
    take("+");
    return filters(primaryWithPostfix());
  }

  private Expression filters(Expression operand) {
    Expression left = operand;
    while (true) {
      if (take("|")) {
        String name = name("a filter's name");
        Arguments arguments = take("(") ? arguments() : Arguments.NONE;
        left = new Expression.Filter(left, name, arguments.positional, arguments.named);
      } else if (takeName("is")) {
        boolean not = takeName("not");
        left = new Expression.Test(left, name("a test's name"), not);
      } else {
        return left;
      }
    }
  }

  private Expression primaryWithPostfix() {
    Expression operand = primary();
    while (true) {
      if (take(".")) {
        String name = name("a name behind the dot");
        if (take("(")) {
          Arguments arguments = arguments();
          operand = new Expression.Method(operand, name, arguments.positional, arguments.named);
        } else {
          operand = new Expression.Attribute(operand, name);
        }
      } else if (take("[")) {
        operand = subscript(operand);
      } else {
        return operand;
      }
    }
  }

  private Expression subscript(Expression operand) {
    Expression begin = peek().is(":") ? null : expression();
    if (take("]")) {
      return new Expression.Index(operand, begin);
    }
    require(":");
    Expression end = peek().is(":") || peek().is("]") ? null : expression();
    Expression step = take(":") && !peek().is("]") ? expression() : null;
    require("]");
    return new Slice(operand, begin, end, step);
  }

  private Expression primary() {
    Token token = next();
    return switch (token.kind()) {
      case STRING -> strings(token);
      case INTEGER -> new Literal(integer(token));
      case FLOAT -> new Literal(Double.valueOf(token.text()));
      case NAME -> named(token.text());
      case OPERATOR -> bracketed(token);
      case END -> throw new TemplateException("the expression is not complete");
    };
  }

  /** Strings side by side are one. */
  private Expression strings(Token first) {
    StringBuilder text = new StringBuilder(first.text());
    while (peek().kind() == Kind.STRING) {
      text.append(next().text());
    }
    return new Literal(text.toString());
  }

  private static Long integer(Token token) {
    try {
      return Long.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw new TemplateException("the number %s is too large".formatted(token), e);
    }
  }

  private Expression named(String name) {
    return switch (name) {
      case "true", "True" -> new Literal(true);
      case "false", "False" -> new Literal(false);
      case "none", "None" -> new Literal(null);
      default -> take("(") ? new Expression.Call(name, arguments().positional) : new Name(name);
    };
  }

  private Expression bracketed(Token token) {
    return switch (token.text()) {
      case "(" -> {
        Expression inner = peek().is(")") ? new ListOf(List.of()) : tuple();
        require(")");
        yield inner;
      }
      case "[" -> new ListOf(items("]"));
      case "{" -> dict();
      default -> throw unexpected(token);
    };
  }

  private List<Expression> items(String end) {
    List<Expression> items = new ArrayList<>();
    while (!take(end)) {
      items.add(expression());
      if (!peek().is(end)) {
        require(",");
      }
    }
    return items;
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!take("}")) {
      keys.add(expression());
      require(":");
      values.add(expression());
      if (!peek().is("}")) {
        require(",");
      }
    }
    return new DictOf(keys, values);
  }

  private record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }

  private Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!take(")")) {
      if (peek().kind() == Kind.NAME && tokens.get(at + 1).is("=")) {
        String name = next().text();
        require("=");
        named.put(name, expression());
      } else {
        positional.add(expression());
      }
      if (!peek().is(")")) {
        require(",");
      }
    }
    return new Arguments(positional, named);
  }

  /** A name alone, such as that of a loop's variable. */
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

  boolean take(String operator) {
    if (peek().is(operator)) {
      at++;
      return true;
    }
    return false;
  }

  boolean takeName(String name) {
    if (peek().isName(name)) {
      at++;
      return true;
    }
    return false;
  }

  void require(String operator) {
    if (!take(operator)) {
      throw new TemplateException("wanted '%s', found %s".formatted(operator, peek()));
    }
  }

  private static TemplateException unexpected(Token token) {
    return new TemplateException("%s does not belong there".formatted(token));
  }

  private Token peek() {
    return tokens.get(at);
  }

  private Token next() {
    return tokens.get(peek().kind() == Kind.END ? at : at++);
  }
}
