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

  private final TokenReader tokens;

  /** Parses what comes next. */
  ExpressionParser(TokenReader tokens) {
    this.tokens = tokens;
  }

  /**
   * Parses a whole expression.
   *
   * @throws TemplateException if it is none
   */
  static Expression parse(String expression) {
    TokenReader tokens = new TokenReader(expression);
    Expression parsed = new ExpressionParser(tokens).tuple();
    tokens.end();
    return parsed;
  }

  /** Expressions with commas between them are a list, a single one is itself. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.peek().is(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.take(",") && tokens.peek().kind() != Kind.END && !tokens.peek().is(")")) {
      items.add(expression());
    }
    return new ListOf(items);
  }

  Expression expression() {
    Expression yes = or();
    if (!tokens.takeName("if")) {
      return yes;
    }
    Expression condition = or();
    return new Conditional(condition, yes, tokens.takeName("else") ? expression() : null);
  }

  private Expression or() {
    Expression left = and();
    while (tokens.takeName("or")) {
      left = new Logical(false, left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.takeName("and")) {
      left = new Logical(true, left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.takeName("not") ? new Not(not()) : compare();
  }

  private Expression compare() {
    List<Expression> operands = new ArrayList<>(List.of(sum()));
    List<String> operators = new ArrayList<>();
    while (true) {
      if (tokens.peek().kind() == Kind.OPERATOR && COMPARISONS.contains(tokens.peek().text())) {
        operators.add(tokens.next().text());
      } else if (tokens.takeName("in")) {
        operators.add("in");
      } else if (tokens.peek().isName("not") && tokens.second().isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        return operators.isEmpty() ? operands.getFirst() : new Compare(operands, operators);
      }
      operands.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.peek().is("+") || tokens.peek().is("-")) {
      left = new Binary(tokens.next().text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.take("~")) {
      left = new Binary("~", left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (tokens.peek().is("*")
        || tokens.peek().is("/")
        || tokens.peek().is("//")
        || tokens.peek().is("%")) {
      left = new Binary(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary();
    while (tokens.take("**")) {
      left = new Binary("**", left, unary());
    }
    return left;
  }

  private Expression unary() {
    if (tokens.take("-")) {
      return filters(new Negative(primaryWithPostfix()));
    }
    tokens.take("+");
    return filters(primaryWithPostfix());
  }

  private Expression filters(Expression operand) {
    Expression left = operand;
    while (true) {
      if (tokens.take("|")) {
        String name = tokens.name("a filter's name");
        Arguments arguments = tokens.take("(") ? arguments() : Arguments.NONE;
        left = new Expression.Filter(left, name, arguments.positional, arguments.named);
      } else if (tokens.takeName("is")) {
        boolean not = tokens.takeName("not");
        left = new Expression.Test(left, tokens.name("a test's name"), not);
      } else {
        return left;
      }
    }
  }

  private Expression primaryWithPostfix() {
    Expression operand = primary();
    while (true) {
      if (tokens.take(".")) {
        String name = tokens.name("a name behind the dot");
        if (tokens.take("(")) {
          Arguments arguments = arguments();
          operand = new Expression.Method(operand, name, arguments.positional, arguments.named);
        } else {
          operand = new Expression.Attribute(operand, name);
        }
      } else if (tokens.take("[")) {
        operand = subscript(operand);
      } else {
        return operand;
      }
    }
  }

  private Expression subscript(Expression operand) {
    Expression begin = tokens.peek().is(":") ? null : expression();
    if (tokens.take("]")) {
      return new Expression.Index(operand, begin);
    }
    tokens.require(":");
    Expression end = tokens.peek().is(":") || tokens.peek().is("]") ? null : expression();
    Expression step = tokens.take(":") && !tokens.peek().is("]") ? expression() : null;
    tokens.require("]");
    return new Slice(operand, begin, end, step);
  }

  private Expression primary() {
    Token token = tokens.next();
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
    while (tokens.peek().kind() == Kind.STRING) {
      text.append(tokens.next().text());
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
      default ->
          tokens.take("(") ? new Expression.Call(name, arguments().positional) : new Name(name);
    };
  }

  private Expression bracketed(Token token) {
    return switch (token.text()) {
      case "(" -> {
        Expression inner = tokens.peek().is(")") ? new ListOf(List.of()) : tuple();
        tokens.require(")");
        yield inner;
      }
      case "[" -> new ListOf(items("]"));
      case "{" -> dict();
      default -> throw TokenReader.unexpected(token);
    };
  }

  private List<Expression> items(String end) {
    List<Expression> items = new ArrayList<>();
    while (!tokens.take(end)) {
      items.add(expression());
      if (!tokens.peek().is(end)) {
        tokens.require(",");
      }
    }
    return items;
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.take("}")) {
      keys.add(expression());
      tokens.require(":");
      values.add(expression());
      if (!tokens.peek().is("}")) {
        tokens.require(",");
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
    while (!tokens.take(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.second().is("=")) {
        String name = tokens.next().text();
        tokens.require("=");
        named.put(name, expression());
      } else {
        positional.add(expression());
      }
      if (!tokens.peek().is(")")) {
        tokens.require(",");
      }
    }
    return new Arguments(positional, named);
  }
}
