package aviary.tornado;

import aviary.model.Op;
import aviary.model.Value;
import aviary.model.Weight;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What one kernel does in one launch: one operation of a program, or several that were fused. */
sealed interface Launch {

  /** The values that it gives, in the order in which they stand behind each other. */
  default List<Value> outs() {
    return switch (this) {
      case Embed(Op.Embed op) -> List.of(op.out());
      case Norm norm -> List.of(norm.out());
      case Shift(_, Value difference, List<Op.Lerp> lerps) ->
          Stream.concat(Stream.of(difference), lerps.stream().map(Op.Lerp::out)).toList();
      case Products(List<Product> all) -> all.stream().map(Product::out).toList();
      case FixedDecay(Op.FixedDecay op) -> List.of(op.out());
      case Wkv(Op.Wkv op) -> List.of(op.out());
      case Multiply(Op.Multiply op) -> List.of(op.out());
      case Add(Op.Add op) -> List.of(op.out());
    };
  }

  /** Its weights that have one number a channel, in the order in which they are to stand. */
  default List<Weight> vectors() {
    return switch (this) {
      case Norm norm -> List.of(norm.scale(), norm.bias());
      case Shift(_, _, List<Op.Lerp> lerps) -> lerps.stream().map(Op.Lerp::amount).toList();
      case Products(List<Product> all) ->
          all.stream().map(Product::bias).filter(Objects::nonNull).toList();
      case FixedDecay(Op.FixedDecay op) -> List.of(op.base());
      case Wkv(Op.Wkv op) -> List.of(op.bonus());
      case Embed _, Multiply _, Add _ -> List.of();
    };
  }

  /** The rows of the tokens. */
  record Embed(Op.Embed op) implements Launch {}

  /**
   * A layer norm, or a group norm.
   *
   * @param groups the parts of a row that are normalized each by itself
   * @param gate what results are multiplied by; null for nothing
   */
  record Norm(Value in, Weight scale, Weight bias, int groups, float epsilon, Value gate, Value out)
      implements Launch {}

  /**
   * Token shift and the lerps behind it.
   *
   * @param difference takes what was before, less {@code shift.in()}
   * @param lerps all in the same direction; their results, and amounts, stand behind each other
   */
  record Shift(Op.TokenShift shift, Value difference, List<Op.Lerp> lerps) implements Launch {}

  /** Products of matrices, of one kind and with the same columns, with activations. */
  record Products(List<Product> all) implements Launch {

    /** Copies the list. */
    public Products {
      all = List.copyOf(all);
    }

    /** The columns of each. */
    int columns() {
      return all.getFirst().columns();
    }

    /** The tiles of a layer. */
    int tiles() {
      return all.stream().mapToInt(Product::tiles).sum();
    }
  }

  /** Eagle's decay. */
  record FixedDecay(Op.FixedDecay op) implements Launch {}

  /** The recurrence. */
  record Wkv(Op.Wkv op) implements Launch {}

  /** A product of two values that nothing took in. */
  record Multiply(Op.Multiply op) implements Launch {}

  /** A sum of two values that nothing took in. */
  record Add(Op.Add op) implements Launch {}
}
