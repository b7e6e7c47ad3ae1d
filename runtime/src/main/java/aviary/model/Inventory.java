package aviary.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The tensors that a model is made of, read off its program. Shapes are those of the original
 * checkpoints.
 *
 * @param layers how often {@code layer} is there
 * @param start what comes before the layers
 * @param layer what each layer has; the names lack {@code blocks.L.}
 * @param end what comes after the layers
 */
public record Inventory(int layers, List<Item> start, List<Item> layer, List<Item> end) {

  /** What a tensor is used as, which decides the types it may have. */
  public enum Role {
    /** A large matrix [out, in], or the embedding: F32, F16, BF16 or Q8_0. */
    MATRIX,
    /** Low-rank matrices, which have too few weights for blocks to be worth it: F32, F16, BF16. */
    LOW_RANK,
    /** One number a channel or a head: any floating-point type. */
    VECTOR
  }

  /**
   * A tensor.
   *
   * @param name its name
   * @param shape its shape
   * @param role what it is used as
   */
  public record Item(String name, long[] shape, Role role) {

    /** The number of its elements. */
    public long elements() {
      return LongStream.of(shape).reduce(1, Math::multiplyExact);
    }

    Item inLayer(int layer) {
      return new Item(Weight.of(name).inLayer(layer), shape, role);
    }
  }

  /** The tensors of a model of the given shapes. */
  public static Inventory of(ModelConfig config) {
    return of(config, Program.of(config));
  }

  /** The tensors that a program names. */
  public static Inventory of(ModelConfig config, Program program) {
    return new Inventory(
        config.layers(),
        items(config, program.start()),
        items(config, program.layer()),
        items(config, program.end()));
  }

  /** All tensors with their full names, in the program's order. */
  public Stream<Item> all() {
    Stream<Item> inLayers =
        IntStream.range(0, layers).boxed().flatMap(l -> layer.stream().map(i -> i.inLayer(l)));
    return Stream.concat(Stream.concat(start.stream(), inLayers), end.stream());
  }

  /** The number of all tensors. */
  public long count() {
    return start.size() + (long) layers * layer.size() + end.size();
  }

  /** The number of the model's parameters: the elements of all tensors. */
  public long parameters() {
    return all().mapToLong(Item::elements).sum();
  }

  private static List<Item> items(ModelConfig config, List<Op> ops) {
    Map<String, Item> items = new LinkedHashMap<>();
    for (Op op : ops) {
      for (Item item : items(config, op)) {
        items.putIfAbsent(item.name(), item);
      }
    }
    return List.copyOf(items.values());
  }

  private static List<Item> items(ModelConfig config, Op op) {
    long d = config.width();
    return switch (op) {
      case Op.Embed(Weight table, Value out) ->
          List.of(item(table, Role.MATRIX, config.vocabulary(), out.width()));
      case Op.LayerNorm(Value in, Weight scale, Weight bias, Value _) ->
          List.of(vector(scale, in.width()), vector(bias, in.width()));
      case Op.GroupNorm(Value in, int _, float _, Weight scale, Weight bias, Value _) ->
          List.of(vector(scale, in.width()), vector(bias, in.width()));
      case Op.Lerp(Value _, Value _, Weight amount, Value out) ->
          List.of(vector(amount, 1, 1, out.width()));
      case Op.DdLerp lerp -> lerpItems(lerp);
      case Op.MatMul(Value in, Weight weight, Op.MatMul.Layout layout, var _, Value out) ->
          List.of(
              switch (layout) {
                case OUT_IN -> item(weight, Role.MATRIX, out.width(), in.width());
                case IN_OUT -> item(weight, Role.LOW_RANK, in.width(), out.width());
              });
      case Op.FixedDecay(Weight base, Value _) -> List.of(ofHeads(config, base));
      case Op.Decay(Value _, Weight base, Value _) -> List.of(vector(base, 1, 1, d));
      case Op.Wkv wkv -> List.of(ofHeads(config, wkv.bonus()));
      case Op.TokenShift _, Op.Multiply _, Op.Add _ -> List.of();
    };
  }

  private static List<Item> lerpItems(Op.DdLerp op) {
    long d = op.from().width();
    int lerps = op.amounts().size();
    List<Item> items = new ArrayList<>();
    items.add(item(op.up(), Role.LOW_RANK, lerps, op.lora().width() / lerps, d));
    op.amounts().forEach(amount -> items.add(vector(amount, 1, 1, d)));
    return items;
  }

  private static Item ofHeads(ModelConfig config, Weight weight) {
    return switch (weight.form()) {
      case PLAIN -> vector(weight, config.heads(), config.headSize());
      case PER_HEAD, LOG_PER_HEAD -> vector(weight, config.heads());
    };
  }

  private static Item vector(Weight weight, long... shape) {
    return item(weight, Role.VECTOR, shape);
  }

  private static Item item(Weight weight, Role role, long... shape) {
    return new Item(weight.name(), shape, role);
  }
}
