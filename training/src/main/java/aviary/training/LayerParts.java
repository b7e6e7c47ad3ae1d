package aviary.training;

import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A layer's operations in two parts: those that lead to the recurrence, which need every row, and
 * the rest, which in the last layer run for {@link Rows#needed} rows alone.
 *
 * @param recurrence the recurrence and all that leads to it
 * @param rest the others
 * @param between values that the rest reads and does not make: the layer's input, or the first
 *     part's
 */
record LayerParts(List<Op> recurrence, List<Op> rest, List<Value> between) {

  /** Checks that the rest looks at no more than one token back, as {@link Rows#needed} takes it. */
  LayerParts {
    List<Op> shifts = rest.stream().filter(op -> op instanceof Op.TokenShift).toList();
    if (shifts.size() > 1) {
      throw new IllegalArgumentException(
          "more than one token shift behind the recurrence: " + shifts);
    }
  }

  static LayerParts of(Program program) {
    Set<Value> needed = new HashSet<>();
    for (Op op : program.layer().reversed()) {
      if (op instanceof Op.Wkv || op.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(op.outputs());
        needed.addAll(op.inputs());
      }
    }
    var parts =
        program.layer().stream()
            .collect(Collectors.partitioningBy(op -> needed.containsAll(op.outputs())));
    List<Op> rest = parts.get(false);
    Set<Value> own = rest.stream().flatMap(op -> op.outputs().stream()).collect(Collectors.toSet());
    List<Value> between =
        rest.stream()
            .flatMap(op -> op.inputs().stream())
            .filter(value -> !own.contains(value))
            .distinct()
            .toList();
    return new LayerParts(parts.get(true), rest, between);
  }
}
