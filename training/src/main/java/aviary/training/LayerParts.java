package aviary.training;

import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A layer's operations, those that the recurrence needs apart from the others. Of the last layer
 * the others have to run only where a loss looks ({@link Rows#asked}).
 *
 * @param recurrence the recurrence and all that leads to it
 * @param behind the others
 * @param between what these read that is not their own
 */
record LayerParts(List<Op> recurrence, List<Op> behind, List<Value> between) {

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
    List<Op> behind = parts.get(false);
    Set<Value> own =
        behind.stream().flatMap(op -> op.outputs().stream()).collect(Collectors.toSet());
    List<Value> between =
        behind.stream()
            .flatMap(op -> op.inputs().stream())
            .filter(value -> !own.contains(value))
            .distinct()
            .toList();
    return new LayerParts(parts.get(true), behind, between);
  }
}
