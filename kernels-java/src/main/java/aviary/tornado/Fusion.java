package aviary.tornado;

import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Value;
import aviary.model.Weight;
import aviary.tornado.kernels.Activations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Turns operations into launches, of which a layer should have few, since each costs some
 * microseconds, and a kernel to compile:
 *
 * <ul>
 *   <li>matrices of one kind that have the same columns are one launch, from the place of the first
 *       of them, if what they are multiplied with is there by then;
 *   <li>lerps join the token shift before them;
 *   <li>ddlerp is five products, which end in a lerp each, and a decay that depends on the token is
 *       the end of the product before it;
 *   <li>a product takes in the multiplication and the sum that follow it, as those of the channel
 *       mix and of the residual, and a group norm its gate.
 * </ul>
 */
final class Fusion {
  private final Function<Weight, ?> kind;
  private final Map<Value, Integer> uses = new HashMap<>();

  /** Which launch gives a value. */
  private final Map<Value, Integer> makers = new HashMap<>();

  /** Token shifts by what they give. */
  private final Map<Value, Launch.Shift> shifts = new HashMap<>();

  private final List<Launch> launches = new ArrayList<>();

  private Fusion(Function<Weight, ?> kind) {
    this.kind = kind;
  }

  /**
   * The launches that do what the operations do.
   *
   * @param ops each of whose values is written once
   * @param kept the value that is used afterwards; all others are not
   * @param kind what kind of matrix a weight is on the device
   */
  static List<Launch> of(List<Op> ops, Value kept, Function<Weight, ?> kind) {
    Fusion fusion = new Fusion(kind);
    fusion.use(kept);
    ops.forEach(op -> op.inputs().forEach(fusion::use));
    ops.forEach(fusion::add);
    return List.copyOf(fusion.launches);
  }

  private void use(Value value) {
    uses.merge(value, 1, Integer::sum);
  }

  private void add(Op op) {
    switch (op) {
      case Op.Embed o -> append(new Launch.Embed(o), o.out());
      case Op.LayerNorm o ->
          append(
              new Launch.Norm(o.in(), o.scale(), o.bias(), 1, Op.LayerNorm.EPSILON, null, o.out()),
              o.out());
      case Op.GroupNorm o ->
          append(
              new Launch.Norm(o.in(), o.scale(), o.bias(), o.groups(), o.epsilon(), null, o.out()),
              o.out());
      case Op.TokenShift o -> shift(o);
      case Op.Lerp o -> lerp(o);
      case Op.DdLerp o -> ddLerp(o);
      case Op.MatMul o ->
          product(
              new Product(
                  o.weight(),
                  o.layout(),
                  0,
                  0,
                  o.out().width(),
                  o.in().width(),
                  o.in(),
                  0,
                  activation(o.activation()),
                  null,
                  null,
                  null,
                  o.out()));
      case Op.FixedDecay o -> append(new Launch.FixedDecay(o), o.out());
      case Op.Decay o -> decay(o);
      case Op.Wkv o -> append(new Launch.Wkv(o), o.out());
      case Op.Multiply o -> multiply(o);
      case Op.Add o -> addition(o);
    }
  }

  private void append(Launch launch, Value out) {
    makers.put(out, launches.size());
    launches.add(launch);
  }

  private void shift(Op.TokenShift op) {
    Value difference = new Value(op.out().name() + " less what is now", op.out().width());
    Launch.Shift shift = new Launch.Shift(op, difference, List.of());
    shifts.put(op.out(), shift);
    makers.put(difference, launches.size());
    append(shift, op.out());
  }

  private void lerp(Op.Lerp op) {
    if (launches.getLast() instanceof Launch.Shift(var shift, var difference, var lerps)) {
      boolean forwards = op.from().equals(shift.in()) && op.to().equals(shift.out());
      boolean backwards = op.from().equals(shift.out()) && op.to().equals(shift.in());
      boolean sameWay = lerps.isEmpty() || lerps.getFirst().from().equals(op.from());
      if ((forwards || backwards) && sameWay) {
        List<Op.Lerp> more = new ArrayList<>(lerps);
        more.add(op);
        int place = launches.size() - 1;
        launches.set(place, new Launch.Shift(shift, difference, List.copyOf(more)));
        makers.put(op.out(), place);
        return;
      }
    }
    throw new IllegalStateException("no kernel for a lerp that is not behind its shift: " + op);
  }

  private void ddLerp(Op.DdLerp op) {
    Launch.Shift shift = shifts.get(op.to());
    if (shift == null || !shift.shift().in().equals(op.from())) {
      throw new IllegalStateException("no kernel for a ddlerp that is not of a shift: " + op);
    }
    int rank = op.lora().width() / op.outs().size();
    for (int c = 0; c < op.outs().size(); c++) {
      Value out = op.outs().get(c);
      product(
          new Product(
              op.up(),
              Layout.IN_OUT,
              c,
              0,
              out.width(),
              rank,
              op.lora(),
              c * rank,
              Activations.NONE,
              op.amounts().get(c),
              shift.difference(),
              op.from(),
              out));
    }
  }

  /** Adds it to the first launch that it can be a part of. */
  private void product(Product product) {
    int from = 0;
    for (Value needed : needed(product)) {
      from = Math.max(from, makers.getOrDefault(needed, -1) + 1);
    }
    for (int place = from; place < launches.size(); place++) {
      if (launches.get(place) instanceof Launch.Products(List<Product> all)
          && all.getFirst().columns() == product.columns()
          && kind.apply(all.getFirst().weight()).equals(kind.apply(product.weight()))) {
        List<Product> more = new ArrayList<>(all);
        more.add(product);
        launches.set(place, new Launch.Products(more));
        makers.put(product.out(), place);
        return;
      }
    }
    append(new Launch.Products(List.of(product)), product.out());
  }

  private static List<Value> needed(Product product) {
    List<Value> needed = new ArrayList<>(List.of(product.in()));
    if (product.times() != null) {
      needed.add(product.times());
    }
    if (product.plus() != null) {
      needed.add(product.plus());
    }
    return needed;
  }

  /** The product that gives a value which nothing else uses; null if there is none. */
  private Product productOf(Value value) {
    if (uses.getOrDefault(value, 0) == 1
        && makers.containsKey(value)
        && launches.get(makers.get(value)) instanceof Launch.Products(List<Product> all)) {
      return all.stream().filter(p -> p.out().equals(value)).findFirst().orElseThrow();
    }
    return null;
  }

  private boolean isThereBefore(Value value, int place) {
    return makers.getOrDefault(value, -1) < place;
  }

  private void replace(Product old, Product by) {
    int place = makers.remove(old.out());
    List<Product> all = new ArrayList<>(((Launch.Products) launches.get(place)).all());
    all.set(all.indexOf(old), by);
    launches.set(place, new Launch.Products(all));
    makers.put(by.out(), place);
  }

  private void decay(Op.Decay op) {
    Product product = productOf(op.in());
    if (product == null
        || product.activation() != Activations.NONE
        || product.bias() != null
        || product.times() != null
        || product.plus() != null) {
      throw new IllegalStateException("no kernel for a decay that is not behind a product: " + op);
    }
    replace(product, product.ending(Activations.DECAY, op.base(), null, null, op.out()));
  }

  private void multiply(Op.Multiply op) {
    if (multiplyIn(op.a(), op.b(), op.out()) || multiplyIn(op.b(), op.a(), op.out())) {
      return;
    }
    append(new Launch.Multiply(op), op.out());
  }

  private boolean multiplyIn(Value in, Value by, Value out) {
    Product product = productOf(in);
    if (product != null
        && product.times() == null
        && product.plus() == null
        && isThereBefore(by, makers.get(in))) {
      replace(product, product.ending(product.activation(), product.bias(), by, null, out));
      return true;
    }
    if (uses.getOrDefault(in, 0) == 1
        && makers.containsKey(in)
        && launches.get(makers.get(in)) instanceof Launch.Norm norm
        && norm.gate() == null
        && isThereBefore(by, makers.get(in))) {
      int place = makers.remove(in);
      launches.set(
          place,
          new Launch.Norm(
              norm.in(), norm.scale(), norm.bias(), norm.groups(), norm.epsilon(), by, out));
      makers.put(out, place);
      return true;
    }
    return false;
  }

  private void addition(Op.Add op) {
    if (addIn(op.a(), op.b(), op.out()) || addIn(op.b(), op.a(), op.out())) {
      return;
    }
    append(new Launch.Add(op), op.out());
  }

  private boolean addIn(Value in, Value to, Value out) {
    Product product = productOf(in);
    if (product == null || product.plus() != null || !isThereBefore(to, makers.get(in))) {
      return false;
    }
    replace(
        product, product.ending(product.activation(), product.bias(), product.times(), to, out));
    return true;
  }

  private static int activation(Activation activation) {
    return switch (activation) {
      case NONE -> Activations.NONE;
      case TANH -> Activations.TANH;
      case SIGMOID -> Activations.SIGMOID;
      case SILU -> Activations.SILU;
      case SQUARED_RELU -> Activations.SQUARED_RELU;
    };
  }
}
