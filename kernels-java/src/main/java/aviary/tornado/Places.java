package aviary.tornado;

import aviary.model.Op;
import aviary.model.Program;
import aviary.model.Value;
import aviary.tornado.kernels.Pass;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the program's values are in the array of activations: each has room for the rows of a pass.
 * What comes out of a layer stands where what goes in stood, as the last operation of a layer
 * writes it channel by channel, and nothing reads the old one any more.
 */
final class Places {
  private final Map<Value, Integer> places = new HashMap<>();
  private int size;

  /**
   * @param mostWanted the rows of logits that there is room for
   */
  Places(Program program, int mostWanted) {
    places.put(program.layerOut(), add(program.hidden()));
    program.start().forEach(this::add);
    program.layer().forEach(this::add);
    add(program.logits(), mostWanted);
    program.end().forEach(this::add);
  }

  /** Where a value's first row begins. */
  int of(Value value) {
    return places.get(value);
  }

  /** The floats of all places. */
  int size() {
    return size;
  }

  private void add(Op op) {
    outs(op).forEach(this::add);
  }

  private int add(Value value) {
    return add(value, Pass.MOST_ROWS);
  }

  private int add(Value value, int rows) {
    return places.computeIfAbsent(
        value,
        _ -> {
          int place = size;
          size = Math.addExact(size, Math.multiplyExact(value.width(), rows));
          return place;
        });
  }

  /** The place for a value that the program does not name. */
  int unnamed(int width) {
    return add(new Value("unnamed " + size, width));
  }

  private static List<Value> outs(Op op) {
    return switch (op) {
      case Op.Embed o -> List.of(o.out());
      case Op.LayerNorm o -> List.of(o.out());
      case Op.TokenShift o -> List.of(o.out());
      case Op.Lerp o -> List.of(o.out());
      case Op.DdLerp o -> o.outs();
      case Op.MatMul o -> List.of(o.out());
      case Op.FixedDecay o -> List.of(o.out());
      case Op.Decay o -> List.of(o.out());
      case Op.Wkv o -> List.of(o.out());
      case Op.GroupNorm o -> List.of(o.out());
      case Op.Multiply o -> List.of(o.out());
      case Op.Add o -> List.of(o.out());
    };
  }
}
