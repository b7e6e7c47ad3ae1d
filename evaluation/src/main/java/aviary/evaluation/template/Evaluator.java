package aviary.evaluation.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions with the names of a scope. */
final class Evaluator {
  private final Scope scope;

  Evaluator(Scope scope) {
    this.scope = scope;
  }

  /**
   * The value of an expression.
   *
   * @throws TemplateException if it names what there is not, or an operation has no meaning
   */
  Object value(Expression expression) {
    return Undefined.require(raw(expression));
  }

  /** The value, or an {@link Undefined}. */
  private Object raw(Expression expression) {
    return switch (expression) {
      case Expression.Literal literal -> literal.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.ListOf list -> values(list.items());
      case Expression.DictOf dict -> dict(dict);
      case Expression.Attribute attribute ->
          attribute(value(attribute.operand()), attribute.name());
      case Expression.Index index ->
          PythonValues.index(value(index.operand()), value(index.index()));
      case Expression.Slice slice ->
          PythonValues.slice(
              value(slice.operand()),
              orNull(slice.begin()),
              orNull(slice.end()),
              orNull(slice.step()));
      case Expression.Method method ->
          Methods.call(value(method.operand()), method.name(), values(method.arguments()));
      case Expression.Call call -> call(call);
      case Expression.Filter filter ->
          Filters.apply(
              raw(filter.operand()),
              filter.name(),
              values(filter.arguments()),
              named(filter.named()));
      case Expression.Test test -> test(raw(test.operand()), test.name()) != test.not();
      case Expression.Negative negative -> PythonValues.binary("-", 0L, value(negative.operand()));
      case Expression.Not not -> !PythonValues.isTrue(value(not.operand()));
      case Expression.Binary binary ->
          PythonValues.binary(binary.operator(), value(binary.left()), value(binary.right()));
      case Expression.Logical logical -> {
        Object left = value(logical.left());
        yield PythonValues.isTrue(left) == logical.and() ? value(logical.right()) : left;
      }
      case Expression.Compare compare -> compare(compare);
      case Expression.Conditional conditional -> conditional(conditional);
    };
  }

  private Object orNull(Expression expression) {
    return expression == null ? null : value(expression);
  }

  private List<Object> values(List<Expression> expressions) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(expression -> values.add(value(expression)));
    return values;
  }

  private Map<String, Object> named(Map<String, Expression> expressions) {
    Map<String, Object> values = new LinkedHashMap<>();
    expressions.forEach((name, expression) -> values.put(name, value(expression)));
    return values;
  }

  private Object dict(Expression.DictOf dict) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dict.keys().size(); i++) {
      map.put(value(dict.keys().get(i)), value(dict.values().get(i)));
    }
    return map;
  }

  private static Object attribute(Object operand, String name) {
    if (operand instanceof Map<?, ?>) {
      return PythonValues.index(operand, name);
    }
    Long part = operand instanceof PythonTime time ? TimeParts.of(time, name) : null;
    return part != null
        ? part
        : new Undefined("%s has no part \"%s\"".formatted(PythonValues.type(operand), name));
  }

  private Object call(Expression.Call call) {
    List<Object> arguments = values(call.arguments());
    if (call.name().equals("range") && !arguments.isEmpty()) {
      long begin = arguments.size() > 1 ? (Long) arguments.get(0) : 0;
      long end = (Long) arguments.get(arguments.size() > 1 ? 1 : 0);
      return java.util.stream.LongStream.range(begin, end).mapToObj(i -> (Object) i).toList();
    }
    throw new TemplateException("there is no function %s".formatted(call.name()));
  }

  private static boolean test(Object value, String name) {
    if (name.equals("defined") || name.equals("undefined")) {
      return value instanceof Undefined != name.equals("defined");
    }
    Object known = Undefined.require(value);
    return switch (name) {
      case "none" -> known == null;
      case "string" -> known instanceof String;
      case "number" -> known instanceof Number || known instanceof Boolean;
      case "mapping" -> known instanceof Map;
      case "iterable", "sequence" ->
          known instanceof List || known instanceof String || known instanceof Map;
      default -> throw new TemplateException("there is no test %s".formatted(name));
    };
  }

  private Object compare(Expression.Compare compare) {
    Object left = value(compare.operands().getFirst());
    for (int i = 0; i < compare.operators().size(); i++) {
      Object right = value(compare.operands().get(i + 1));
      if (!holds(compare.operators().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> PythonOrder.equal(left, right);
      case "!=" -> !PythonOrder.equal(left, right);
      case "in" -> PythonValues.contains(right, left);
      case "not in" -> !PythonValues.contains(right, left);
      case "<" -> PythonOrder.compare(left, right) < 0;
      case "<=" -> PythonOrder.compare(left, right) <= 0;
      case ">" -> PythonOrder.compare(left, right) > 0;
      default -> PythonOrder.compare(left, right) >= 0;
    };
  }

  private Object conditional(Expression.Conditional conditional) {
    if (PythonValues.isTrue(value(conditional.condition()))) {
      return value(conditional.yes());
    }
    return conditional.no() == null
        ? new Undefined("the condition does not hold, and there is no else")
        : value(conditional.no());
  }
}
