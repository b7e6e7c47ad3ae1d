package aviary.training;

import aviary.cpu.FloatProducts.View;
import aviary.cpu.Functions;
import aviary.cpu.Norms;
import aviary.model.Op;
import aviary.model.Op.Activation;
import aviary.model.Op.MatMul.Layout;
import aviary.model.Value;
import aviary.model.Weight;
import java.util.Arrays;

/**
 * One run of a layer's operations, or of those around the layers: each operation forwards and
 * backwards. Backwards an operation reads the gradient of what it gave, and adds to those of what
 * it was given and of its weights.
 */
final class LayerGradient {

  /** What an activation was given, where its gradient needs that. */
  private static final String ARGUMENT = " before its activation";

  private final Parameters parameters;
  private final Workers workers;
  private final Linear linear;
  private final Values values;
  private final Values gradients;
  private final String prefix;
  private final Sequences batch;
  private final InitialStates states;
  private final float[] kept;
  private final int rows;
  private final int heads;
  private final int headSize;

  /**
   * @param values what operations give
   * @param gradients those of the values
   * @param prefix what stands before the weights' names
   * @param states of the layer, on the way forwards
   * @param kept what the recurrence keeps on the way forwards
   */
  LayerGradient(
      ProgramGradient whole,
      Values values,
      Values gradients,
      String prefix,
      Sequences batch,
      InitialStates states,
      float[] kept) {
    parameters = whole.parameters();
    workers = whole.workers();
    linear = whole.linear();
    heads = whole.config().heads();
    headSize = whole.config().headSize();
    this.values = values;
    this.gradients = gradients;
    this.prefix = prefix;
    this.batch = batch;
    this.states = states;
    this.kept = kept;
    rows = batch.rows();
  }

  /** Computes what an operation gives. */
  void forward(Op op) {
    switch (op) {
      case Op.Embed o -> embed(o);
      case Op.LayerNorm o -> norm(o.in(), 1, Op.LayerNorm.EPSILON, o.scale(), o.bias(), o.out());
      case Op.GroupNorm o -> norm(o.in(), o.groups(), o.epsilon(), o.scale(), o.bias(), o.out());
      case Op.TokenShift o -> shift(o);
      case Op.Lerp o -> lerp(o);
      case Op.DdLerp o -> ddLerp(o);
      case Op.MatMul o -> product(o);
      case Op.FixedDecay o -> fixedDecay(o);
      case Op.Decay o -> decay(o);
      case Op.Wkv o -> wkv(o);
      case Op.Multiply o -> multiply(o);
      case Op.Add o -> sum(o);
    }
  }

  /**
   * Adds to the gradients of what an operation was given.
   *
   * @param dstate takes the gradient of the wkv states before the first token; null where nobody
   *     asks
   */
  void backward(Op op, float[] dstate) {
    switch (op) {
      case Op.Embed o -> embedBack(o);
      case Op.LayerNorm o ->
          normBack(o.in(), 1, Op.LayerNorm.EPSILON, o.scale(), o.bias(), o.out());
      case Op.GroupNorm o ->
          normBack(o.in(), o.groups(), o.epsilon(), o.scale(), o.bias(), o.out());
      case Op.TokenShift o -> shiftBack(o);
      case Op.Lerp o -> lerpBack(o);
      case Op.DdLerp o -> ddLerpBack(o);
      case Op.MatMul o -> productBack(o);
      case Op.FixedDecay o -> fixedDecayBack(o);
      case Op.Decay o -> decayBack(o);
      case Op.Wkv o -> wkvBack(o, dstate);
      case Op.Multiply o -> {
        float[] dy = gradients.of(o.out());
        multiplyBack(dy, o.a(), o.b());
        multiplyBack(dy, o.b(), o.a());
      }
      case Op.Add o -> {
        addBack(o.out(), o.a());
        addBack(o.out(), o.b());
      }
    }
  }

  /** Works on a stretch of numbers. */
  private interface Stretch {
    void run(int at, int count);
  }

  /** Shares out rows where single numbers count. */
  private void byRows(int width, Stretch stretch) {
    workers.run(rows, (_, from, to) -> stretch.run(from * width, (to - from) * width));
  }

  private Parameter parameter(Weight weight) {
    return parameters.get(weight, prefix);
  }

  private void multiply(Op.Multiply op) {
    float[] a = values.of(op.a());
    float[] b = values.of(op.b());
    float[] y = values.of(op.out());
    byRows(op.out().width(), (at, n) -> RowMath.multiply(a, b, at, y, false, n));
  }

  private void multiplyBack(float[] dy, Value of, Value by) {
    boolean add = gradients.add(of);
    float[] factor = values.of(by);
    float[] dx = gradients.of(of);
    byRows(of.width(), (at, n) -> RowMath.multiply(dy, factor, at, dx, add, n));
  }

  private void sum(Op.Add op) {
    float[] a = values.of(op.a());
    float[] b = values.of(op.b());
    float[] y = values.of(op.out());
    byRows(
        op.out().width(),
        (at, n) -> {
          RowMath.add(a, at, y, false, n);
          RowMath.add(b, at, y, true, n);
        });
  }

  private void addBack(Value out, Value in) {
    boolean add = gradients.add(in);
    float[] dy = gradients.of(out);
    float[] dx = gradients.of(in);
    byRows(in.width(), (at, n) -> RowMath.add(dy, at, dx, add, n));
  }

  private void embed(Op.Embed op) {
    int width = op.out().width();
    float[] table = parameter(op.table()).weights();
    float[] y = values.of(op.out());
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            System.arraycopy(table, batch.tokens()[row] * width, y, row * width, width);
          }
        });
  }

  /** Each worker has some channels of all rows, since several rows may be of one token. */
  private void embedBack(Op.Embed op) {
    int width = op.out().width();
    float[] table = parameter(op.table()).gradient();
    float[] dy = gradients.of(op.out());
    workers.run(
        width,
        (_, from, to) -> {
          for (int row = 0; row < rows; row++) {
            int at = batch.tokens()[row] * width;
            for (int channel = from; channel < to; channel++) {
              table[at + channel] += dy[row * width + channel];
            }
          }
        });
  }

  private void norm(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out) {
    int width = in.width();
    float[] x = values.of(in);
    float[] y = values.of(out);
    float[] s = parameter(scale).weights();
    float[] b = parameter(bias).weights();
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            Norms.groupNorm(x, row * width, width, groups, epsilon, s, b, y, row * width);
          }
        });
  }

  private void normBack(Value in, int groups, float epsilon, Weight scale, Weight bias, Value out) {
    int width = in.width();
    float[] x = values.of(in);
    float[] dy = gradients.of(out);
    boolean add = gradients.add(in);
    float[] dx = gradients.of(in);
    float[] s = parameter(scale).weights();
    float[][] dscale = workers.parts(width);
    float[][] dbias = workers.parts(width);
    workers.run(
        rows,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            NormGradient.row(
                x,
                dy,
                row * width,
                width,
                groups,
                epsilon,
                s,
                dscale[worker],
                dbias[worker],
                dx,
                add);
          }
        });
    Workers.addParts(dscale, parameter(scale).gradient());
    Workers.addParts(dbias, parameter(bias).gradient());
  }

  private void shift(Op.TokenShift op) {
    int width = op.in().width();
    int length = batch.length();
    float[] x = values.of(op.in());
    float[] y = values.of(op.out());
    float[] state = states.shifted(op.slot());
    workers.run(
        batch.count(),
        (_, from, to) -> {
          for (int s = from; s < to; s++) {
            int at = s * length * width;
            System.arraycopy(state, s * width, y, at, width);
            System.arraycopy(x, at, y, at + width, (length - 1) * width);
            System.arraycopy(x, at + (length - 1) * width, state, s * width, width);
          }
        });
  }

  private void shiftBack(Op.TokenShift op) {
    int width = op.in().width();
    int length = batch.length();
    float[] dy = gradients.of(op.out());
    boolean add = gradients.add(op.in());
    float[] dx = gradients.of(op.in());
    workers.run(
        batch.count(),
        (_, from, to) -> {
          for (int s = from; s < to; s++) {
            int at = s * length * width;
            int last = at + (length - 1) * width;
            for (int i = at; i < last; i++) {
              dx[i] = (add ? dx[i] : 0) + dy[i + width];
            }
            if (!add) {
              Arrays.fill(dx, last, last + width, 0);
            }
          }
        });
  }

  private void lerp(Op.Lerp op) {
    int width = op.out().width();
    float[] a = values.of(op.from());
    float[] b = values.of(op.to());
    float[] y = values.of(op.out());
    float[] m = parameter(op.amount()).weights();
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            Lerps.forward(a, b, row * width, m, 0, y, width);
          }
        });
  }

  private void lerpBack(Op.Lerp op) {
    float[] m = parameter(op.amount()).weights();
    float[] dm = lerpBack(op.from(), op.to(), op.out(), m, 0, values.of(op.out()));
    add(dm, parameter(op.amount()).gradient());
  }

  private static void add(float[] part, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += part[i];
    }
  }

  /**
   * The gradients of both ends of a lerp, and of the amounts, added up over the rows.
   *
   * @param mStride how far apart two rows' amounts are; 0 where all rows have the same
   * @param dm takes the amounts' gradients of each row
   */
  private float[] lerpBack(Value start, Value end, Value out, float[] m, int mStride, float[] dm) {
    int width = out.width();
    float[] a = values.of(start);
    float[] b = values.of(end);
    float[] dy = gradients.of(out);
    boolean addStart = gradients.add(start);
    boolean addEnd = gradients.add(end);
    float[] da = gradients.of(start);
    float[] db = gradients.of(end);
    float[][] sums = workers.parts(width);
    workers.run(
        rows,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            int at = row * width;
            Lerps.toStart(dy, at, m, row * mStride, da, addStart, width);
            Lerps.toEnd(dy, at, m, row * mStride, db, addEnd, width);
            Lerps.toAmount(dy, a, b, at, dm, sums[worker], width);
          }
        });
    float[] sum = new float[width];
    Workers.addParts(sums, sum);
    return sum;
  }

  /** How much of the second end each row takes: kept for the way back. */
  private static Value amounts(Value out) {
    return new Value("amounts of " + out.name(), out.width());
  }

  private static View part(float[] lora, int c, int rank, int count) {
    return new View(lora, c * rank, count * rank, 1);
  }

  private void ddLerp(Op.DdLerp op) {
    int count = op.outs().size();
    int rank = op.lora().width() / count;
    int width = op.from().width();
    float[] up = parameter(op.up()).weights();
    float[] lora = values.of(op.lora());
    float[] a = values.of(op.from());
    float[] b = values.of(op.to());
    for (int c = 0; c < count; c++) {
      Value out = op.outs().get(c);
      float[] m = values.of(amounts(out));
      float[] y = values.of(out);
      float[] base = parameter(op.amounts().get(c)).weights();
      View matrix = new View(up, c * rank * width, width, 1);
      linear.forward(
          part(lora, c, rank, count), matrix, View.of(m, width), rows, rank, width, false);
      workers.run(
          rows,
          (_, from, to) -> {
            for (int row = from; row < to; row++) {
              int at = row * width;
              RowMath.addBase(m, at, base, m, width);
              Lerps.forward(a, b, at, m, at, y, width);
            }
          });
    }
  }

  private void ddLerpBack(Op.DdLerp op) {
    int count = op.outs().size();
    int rank = op.lora().width() / count;
    int width = op.from().width();
    Parameter up = parameter(op.up());
    float[] lora = values.of(op.lora());
    boolean add = gradients.add(op.lora());
    float[] dlora = gradients.of(op.lora());
    for (int c = 0; c < count; c++) {
      Value out = op.outs().get(c);
      // Nobody needs the result any more, so that its place takes the amounts' gradients.
      float[] dm = values.of(out);
      float[] sum = lerpBack(op.from(), op.to(), out, values.of(amounts(out)), width, dm);
      add(sum, parameter(op.amounts().get(c)).gradient());
      View matrix = new View(up.weights(), c * rank * width, width, 1);
      View dmatrix = new View(up.gradient(), c * rank * width, width, 1);
      View dms = View.of(dm, width);
      linear.toMatrix(part(lora, c, rank, count), dms, dmatrix, rows, rank, width);
      linear.toInput(dms, matrix, part(dlora, c, rank, count), rows, rank, width, add);
    }
  }

  private static View matrix(float[] weights, Op.MatMul op) {
    return op.layout() == Layout.IN_OUT
        ? View.of(weights, op.out().width())
        : View.of(weights, op.in().width()).exchanged();
  }

  private static Value argument(Op.MatMul op) {
    return op.activation() == Activation.SILU
        ? new Value(op.out().name() + ARGUMENT, op.out().width())
        : op.out();
  }

  private void product(Op.MatMul op) {
    int ins = op.in().width();
    int outs = op.out().width();
    float[] x = values.of(op.in());
    float[] before = values.of(argument(op));
    float[] y = values.of(op.out());
    View m = matrix(parameter(op.weight()).weights(), op);
    linear.forward(View.of(x, ins), m, View.of(before, outs), rows, ins, outs, false);
    if (op.activation() != Activation.NONE) {
      workers.run(
          rows,
          (_, from, to) -> {
            int at = from * outs;
            int n = (to - from) * outs;
            if (before != y) {
              System.arraycopy(before, at, y, at, n);
            }
            RowMath.activate(op.activation(), y, at, n);
          });
    }
  }

  private void productBack(Op.MatMul op) {
    int ins = op.in().width();
    int outs = op.out().width();
    float[] dy = gradients.of(op.out());
    if (op.activation() != Activation.NONE) {
      float[] before = values.of(argument(op));
      float[] y = values.of(op.out());
      byRows(
          outs, (at, n) -> RowMath.activationGradient(op.activation(), before, y, dy, dy, at, n));
    }
    Parameter weight = parameter(op.weight());
    View dys = View.of(dy, outs);
    View x = View.of(values.of(op.in()), ins);
    linear.toMatrix(x, dys, matrix(weight.gradient(), op), rows, ins, outs);
    boolean add = gradients.add(op.in());
    View dx = View.of(gradients.of(op.in()), ins);
    linear.toInput(dys, matrix(weight.weights(), op), dx, rows, ins, outs, add);
  }

  private void fixedDecay(Op.FixedDecay op) {
    int width = op.out().width();
    float[] y = values.of(op.out());
    float[] decay = parameter(op.base()).weights().clone();
    toDecay(decay, 0, width);
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            System.arraycopy(decay, 0, y, row * width, width);
          }
        });
  }

  private static void toDecay(float[] x, int at, int n) {
    Functions.exp(1, x, at, n);
    Functions.exp(-1, x, at, n);
  }

  private void fixedDecayBack(Op.FixedDecay op) {
    int width = op.out().width();
    float[] dw = gradients.of(op.out());
    float[] sum = sumOfRows(dw, width);
    float[] base = parameter(op.base()).weights().clone();
    float[] gradient = new float[width];
    RowMath.decayGradient(base, values.of(op.out()), sum, gradient, 0, width);
    add(gradient, parameter(op.base()).gradient());
  }

  private float[] sumOfRows(float[] x, int width) {
    float[][] parts = workers.parts(width);
    workers.run(
        rows,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            RowMath.addTo(x, row * width, parts[worker], width);
          }
        });
    float[] sum = new float[width];
    Workers.addParts(parts, sum);
    return sum;
  }

  private void decay(Op.Decay op) {
    int width = op.out().width();
    float[] x = values.of(op.in());
    float[] y = values.of(op.out());
    float[] base = parameter(op.base()).weights();
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            int at = row * width;
            RowMath.addBase(x, at, base, y, width);
            toDecay(y, at, width);
          }
        });
  }

  private void decayBack(Op.Decay op) {
    int width = op.out().width();
    float[] x = values.of(op.in());
    float[] w = values.of(op.out());
    float[] dw = gradients.of(op.out());
    float[] base = parameter(op.base()).weights();
    workers.run(
        rows,
        (_, from, to) -> {
          for (int row = from; row < to; row++) {
            int at = row * width;
            // Nobody needs the argument any more.
            RowMath.addBase(x, at, base, x, width);
            RowMath.decayGradient(x, w, dw, dw, at, width);
          }
        });
    add(sumOfRows(dw, width), parameter(op.base()).gradient());
    boolean add = gradients.add(op.in());
    float[] dx = gradients.of(op.in());
    byRows(width, (at, n) -> RowMath.add(dw, at, dx, add, n));
  }

  private WkvGradient[] recurrences() {
    WkvGradient[] each = new WkvGradient[workers.count()];
    Arrays.setAll(each, _ -> new WkvGradient(headSize, heads * headSize, batch.length()));
    return each;
  }

  private WkvGradient.Inputs inputs(Op.Wkv op, Values of) {
    return new WkvGradient.Inputs(
        of.of(op.receptance()), of.of(op.key()), of.of(op.value()), of.of(op.decay()));
  }

  private void wkv(Op.Wkv op) {
    WkvGradient[] each = recurrences();
    WkvGradient.Inputs in = inputs(op, values);
    float[] bonus = parameter(op.bonus()).weights();
    float[] y = values.of(op.out());
    int length = batch.length();
    int size = headSize * headSize;
    int keptSize = WkvGradient.keptSize(headSize, length);
    workers.run(
        batch.count() * heads,
        (worker, from, to) -> {
          for (int unit = from; unit < to; unit++) {
            int row = unit / heads * length;
            each[worker].forward(
                in,
                bonus,
                y,
                row,
                length,
                unit % heads,
                states.wkv(),
                unit * size,
                kept,
                unit * keptSize);
          }
        });
  }

  private void wkvBack(Op.Wkv op, float[] dstate) {
    WkvGradient[] each = recurrences();
    WkvGradient.Inputs in = inputs(op, values);
    for (Value value : new Value[] {op.receptance(), op.key(), op.value(), op.decay()}) {
      if (gradients.add(value)) {
        throw new IllegalStateException("something else reads " + value.name());
      }
    }
    WkvGradient.Inputs out = inputs(op, gradients);
    float[] bonus = parameter(op.bonus()).weights();
    float[] dy = gradients.of(op.out());
    int length = batch.length();
    int size = headSize * headSize;
    int keptSize = WkvGradient.keptSize(headSize, length);
    float[][] dbonus = workers.parts(bonus.length);
    float[][] dstates = workers.parts(heads * size);
    workers.run(
        batch.count() * heads,
        (worker, from, to) -> {
          float[] d = new float[size];
          for (int unit = from; unit < to; unit++) {
            int row = unit / heads * length;
            int head = unit % heads;
            Arrays.fill(d, 0);
            each[worker].backward(
                in, bonus, kept, unit * keptSize, dy, row, length, head, out, dbonus[worker], d, 0);
            for (int i = 0; i < size; i++) {
              dstates[worker][head * size + i] += d[i];
            }
          }
        });
    Workers.addParts(dbonus, parameter(op.bonus()).gradient());
    if (dstate != null) {
      Workers.addParts(dstates, dstate);
    }
  }
}
