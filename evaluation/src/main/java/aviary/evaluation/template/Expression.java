package aviary.evaluation.template;

import java.util.List;
import java.util.Map;

/** An expression, taken apart. */
sealed interface Expression {

  /** A value as written. */
  record Literal(Object value) implements Expression {}

  /** A column of the document, or a variable. */
  record Name(String name) implements Expression {}

  /** A list or tuple. */
  record ListOf(List<Expression> items) implements Expression {}

  /** A dictionary; keys and values at the same places. */
  record DictOf(List<Expression> keys, List<Expression> values) implements Expression {}

  /** {@code operand.name}. */
  record Attribute(Expression operand, String name) implements Expression {}

  /** {@code operand[index]}. */
  record Index(Expression operand, Expression index) implements Expression {}

  /** {@code operand[begin:end:step]}, each null where it is left out. */
  record Slice(Expression operand, Expression begin, Expression end, Expression step)
      implements Expression {}

  /** {@code operand.name(arguments)}. */
  record Method(
      Expression operand, String name, List<Expression> arguments, Map<String, Expression> named)
      implements Expression {}

  /** {@code name(arguments)}. */
  record Call(String name, List<Expression> arguments) implements Expression {}

  /** {@code operand | name(arguments)}. */
  record Filter(
      Expression operand, String name, List<Expression> arguments, Map<String, Expression> named)
      implements Expression {}

  /** {@code operand is name}, or {@code is not}. */
  record Test(Expression operand, String name, boolean not) implements Expression {}

  /** {@code -operand}. */
  record Negative(Expression operand) implements Expression {}

  /** {@code not operand}. */
  record Not(Expression operand) implements Expression {}

  /** {@code left operator right}, of numbers, texts and lists. */
  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /** {@code left and right} or {@code left or right}; the right is evaluated if it matters. */
  record Logical(boolean and, Expression left, Expression right) implements Expression {}

  /** {@code first op second op third ...}: all must hold. */
  record Compare(List<Expression> operands, List<String> operators) implements Expression {}

  /** {@code yes if condition else no}; no is null where it is left out. */
  record Conditional(Expression condition, Expression yes, Expression no) implements Expression {}
}
